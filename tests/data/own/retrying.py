"""A client as an SDK builds it: a retry transport that throws the response of a failed attempt away unread."""

import httpx


class Retry(httpx.AsyncBaseTransport):
    def __init__(self, inner, attempts=3):
        self.inner, self.attempts = inner, attempts

    async def handle_async_request(self, request):
        for _ in range(self.attempts):
            response = await self.inner.handle_async_request(request)
            if response.status_code not in (429, 503):
                break
        return response

    async def aclose(self):
        await self.inner.aclose()


def make(limits):
    return httpx.AsyncClient(transport=Retry(httpx.AsyncHTTPTransport(limits=limits)))
