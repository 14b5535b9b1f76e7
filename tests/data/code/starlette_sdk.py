#: unknown closing proxy socks
"""Starlette: a plain endpoint in a thread, an asynchronous one with wait_for, one shared SDK object."""
import asyncio

from openai import AsyncOpenAI, OpenAI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

llm = AsyncOpenAI(max_retries=2)
blocking = OpenAI()


async def complete(request: Request) -> JSONResponse:  #: cancellation queue cost
    body = await request.json()
    answer = await asyncio.wait_for(  #: cancellation
        llm.chat.completions.create(model="m", messages=body["messages"]), timeout=20
    )
    return JSONResponse(answer.model_dump())


def embed(request: Request) -> JSONResponse:  #: threads queue cost
    answer = blocking.embeddings.create(model="e", input=request.query_params["text"])
    return JSONResponse(answer.model_dump())


app = Starlette(routes=[Route("/complete", complete, methods=["POST"]), Route("/embed", endpoint=embed)])
