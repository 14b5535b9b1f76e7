#: unknown proxy socks closing
"""A class of a framework with a client in the application's state."""
import httpx
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.routing import Route


class Home(HTTPEndpoint):
    async def get(self, request):  #: cancellation queue cost
        return await request.app.state.http.get("https://example.org/")


def startup():
    app.state.http = httpx.AsyncClient()


app = Starlette(routes=[Route("/", Home)], on_startup=[startup])
