#: unknown closing proxy socks
"""A proxy that streams: the response is closed in a background task."""
import httpx
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import StreamingResponse
from starlette.routing import Route

client = httpx.AsyncClient()


async def relay(request):  #: cancellation queue cost
    upstream = client.build_request("GET", "https://example.org/")
    response = await client.send(upstream, stream=True)  #: closing
    return StreamingResponse(response.aiter_raw(), background=BackgroundTask(response.aclose))


app = Starlette(routes=[Route("/", relay)])
