"""A pool that does not free the slot of a response: it stands for a defect of a release."""

from httpcore._async import http11
from httpcore._sync import http11 as sync_http11


def plant(monkeypatch):
    async def forgets_async(self):
        pass

    def forgets(self):
        pass

    monkeypatch.setattr(http11.AsyncHTTP11Connection, "_response_closed", forgets_async)
    monkeypatch.setattr(sync_http11.HTTP11Connection, "_response_closed", forgets)
