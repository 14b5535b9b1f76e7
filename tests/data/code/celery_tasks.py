#: unknown closing proxy socks
"""A task of Celery starts a loop each time it runs."""
import asyncio

import httpx
from celery import shared_task

client = httpx.AsyncClient()


async def push(body: dict) -> None:
    await client.post("https://example.org/", json=body)


@shared_task
def notify(body: dict) -> None:
    asyncio.run(push(body))  #: threads
