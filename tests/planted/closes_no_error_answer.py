"""A client that never closes a response with an error status, also once it is read to its end."""

from httpx2 import Response

original = Response.aclose


async def unclosed(self):
    if self.status_code < 400:
        await original(self)


Response.aclose = unclosed
