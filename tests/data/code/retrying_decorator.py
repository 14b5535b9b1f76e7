#: unknown closing proxy socks
"""Decorators of the program: one limits with a semaphore, one retries with a deadline for each try."""
import asyncio
import functools

import httpx

gate = asyncio.Semaphore(500)
client = httpx.AsyncClient()


def limited(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        async with gate:
            return await function(*args, **kwargs)

    return wrapper


def retried(times=3, seconds=2.0):
    def decorate(function):
        @functools.wraps(function)
        async def wrapper(*args, **kwargs):
            for attempt in range(times):
                try:
                    async with asyncio.timeout(seconds):  #: cancellation
                        return await function(*args, **kwargs)
                except (TimeoutError, httpx.TransportError):
                    if attempt == times - 1:
                        raise

        return wrapper

    return decorate


@retried(times=5)
@limited
async def item(number: int) -> dict:
    answer = await client.get(f"https://example.org/items/{number}")
    return answer.json()


async def main() -> None:
    numbers = range(10_000)
    print(await asyncio.gather(*(item(number) for number in numbers)))  #: queue cost


asyncio.run(main())
