#: unknown closing proxy socks
"""A background task of a handler."""
import httpx
from fastapi import BackgroundTasks, FastAPI

app = FastAPI()
client = httpx.AsyncClient()


async def report(text: str) -> None:  #: cancellation queue cost
    await client.post("https://example.org/", content=text)


@app.post("/")
async def accept(tasks: BackgroundTasks) -> str:
    tasks.add_task(report, "accepted")
    return "ok"
