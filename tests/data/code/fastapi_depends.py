#: unknown proxy socks closing
"""Dependency injection: a client of the application's state."""
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
from fastapi import APIRouter, Depends, FastAPI, Request


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with httpx.AsyncClient() as client:
        app.state.client = client
        yield


def get_client(request: Request) -> httpx.AsyncClient:
    return request.app.state.client


Client = Annotated[httpx.AsyncClient, Depends(get_client)]
router = APIRouter()


@router.post("/proxy")
async def forward(body: dict, client: Client):  #: cancellation queue cost
    return (await client.post("https://example.org/", json=body)).json()


app = FastAPI(lifespan=lifespan)
app.include_router(router)
