#: unknown proxy socks closing
"""A handler streams what it gets; who reads it may leave."""
import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

app = FastAPI()
client = httpx.AsyncClient()


async def body():
    async with client.stream("GET", "https://example.org/") as response:
        async for chunk in response.aiter_bytes():
            yield chunk


@app.get("/")
async def relay():  #: cancellation queue cost
    return StreamingResponse(body())
