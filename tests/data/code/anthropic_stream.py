#: unknown proxy socks closing
"""A stream of an SDK with its context manager, within a deadline."""
import asyncio

import anthropic


class Chat:
    def __init__(self) -> None:
        self.llm = anthropic.AsyncAnthropic(max_retries=0)

    async def say(self, text: str) -> None:
        async with self.llm.messages.stream(model="m", max_tokens=9, messages=[]) as stream:
            async for word in stream.text_stream:
                print(word)


async def main() -> None:
    async with asyncio.timeout(9):  #: cancellation
        await Chat().say("hello")


asyncio.run(main())
