"""A connector of aiohttp that never frees the slot of its fifth request."""

from aiohttp.connector import BaseConnector

original = BaseConnector._release


def forgetful(self, *arguments, **options):
    self.released = getattr(self, "released", 0) + 1
    if self.released != 5:
        original(self, *arguments, **options)


BaseConnector._release = forgetful
