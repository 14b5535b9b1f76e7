#: unknown closing proxy socks
"""A handler of aiohttp with a client below a key."""
import httpx
from aiohttp import web


async def handler(request: web.Request) -> web.Response:  #: cancellation queue cost
    client = request.app["client"]
    answer = await client.get("https://example.org/")
    return web.Response(text=answer.text)


async def setup(app: web.Application) -> None:
    app["client"] = httpx.AsyncClient()


app = web.Application()
app.on_startup.append(setup)
app.router.add_get("/", handler)
web.run_app(app)
