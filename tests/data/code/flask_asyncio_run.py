#: unknown proxy socks closing
"""An event loop for each call, and a client that outlives them."""
import asyncio

import httpx
from flask import Flask

app = Flask(__name__)
client = httpx.AsyncClient()


async def load() -> str:
    return (await client.get("https://example.org/")).text


@app.route("/")
def index():  #: queue cost
    return asyncio.run(load())  #: threads
