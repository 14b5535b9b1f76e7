"""What somebody's project might have: factories of its clients, some of which no good comes of."""

import httpx
import shop_settings

FOUR = httpx.Limits(max_connections=shop_settings.CONNECTIONS, max_keepalive_connections=1)
MADE = []
ONE = httpx.AsyncClient(limits=FOUR)


class Forgetful(httpx.AsyncBaseTransport):
    """Hands on what its transport answers, but not that a response is closed."""

    def __init__(self):
        self._below = httpx.AsyncHTTPTransport(limits=FOUR)

    async def handle_async_request(self, request):
        response = await self._below.handle_async_request(request)
        response.stream = Unclosed(response.stream)
        return response


class Unclosed(httpx.AsyncByteStream):
    def __init__(self, stream):
        self._stream = stream

    async def __aiter__(self):
        async for part in self._stream:
            yield part


class Elsewhere(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request):
        return httpx.Response(200)


async def told(response):
    print(response.status_code)


def plain():
    print("what a factory prints is nobody's answer")
    return httpx.AsyncClient(limits=FOUR, event_hooks={"response": [told]}, base_url="http://shop.example/")


def forgetful():
    return httpx.AsyncClient(transport=Forgetful())


def blocking():
    return httpx.Client(limits=FOUR)


def as_given(limits):
    return httpx.AsyncClient(limits=limits)


def as_it_comes():
    return httpx.AsyncClient()


class Sdk:
    """What an SDK offers: its HTTP client is an attribute, with the limits that the SDK has by default."""

    def __init__(self, client):
        self._options = {"max_retries": 2}
        self._client = client


def sdk():
    return Sdk(httpx.AsyncClient(limits=httpx.Limits(max_connections=1000, max_keepalive_connections=100)))


def nested():
    return Sdk(Sdk(httpx.AsyncClient(limits=FOUR)))


def unlimited():
    return httpx.AsyncClient(limits=httpx.Limits())


def elsewhere():
    return httpx.AsyncClient(transport=Elsewhere())


def old_fashioned():
    return httpx.AsyncClient(limits=FOUR, proxies={})


def fickle():
    """The second of a process is not like the first."""
    MADE.append(None)
    return httpx.AsyncClient(limits=httpx.Limits(max_connections=3 + len(MADE)))


def nothing():
    return None


def the_one():
    return ONE


def rambles():
    raise RuntimeError("one line\nand another")


def exits():
    raise SystemExit(3)
