#: unknown closing proxy socks
"""FastAPI: a task of the lifespan that refreshes, and a handler that adds a background task."""
import asyncio
from contextlib import asynccontextmanager

import httpx
from fastapi import BackgroundTasks, FastAPI, Request


class State:
    def __init__(self) -> None:
        self.http = httpx.AsyncClient(timeout=3)
        self.rates: dict = {}

    async def refresh(self) -> None:
        while True:
            answer = await self.http.get("https://rates.example.org/")
            self.rates = answer.json()
            await asyncio.sleep(300)

    async def audit(self, event: str) -> None:  #: cancellation queue cost
        await self.http.post("https://audit.example.org/", json={"event": event})


@asynccontextmanager
async def lifespan(app: FastAPI):
    state = State()
    app.state.shared = state
    refresher = asyncio.create_task(state.refresh())
    yield
    refresher.cancel()  #: cancellation
    await state.http.aclose()


app = FastAPI(lifespan=lifespan)


@app.get("/rates/{code}")
async def rate(code: str, request: Request, tasks: BackgroundTasks) -> float:
    state: State = request.app.state.shared
    tasks.add_task(state.audit, f"rate {code}")
    return state.rates[code]
