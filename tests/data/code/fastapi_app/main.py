#: unknown closing proxy socks
"""Handlers; the second makes no request."""
from fastapi import FastAPI

from fastapi_app import service

app = FastAPI()


@app.get("/rate/{currency}")
async def rate(currency: str) -> float:  #: cancellation queue cost
    return await service.rate(currency)


@app.get("/health")
async def health() -> str:
    return "ok"
