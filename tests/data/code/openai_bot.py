#: unknown proxy socks closing
"""An SDK with a client inside."""
import asyncio

from openai import AsyncOpenAI

ai = AsyncOpenAI()


async def ask(question: str) -> str:
    answer = await ai.chat.completions.create(model="m", messages=[{"role": "user", "content": question}])
    return answer.choices[0].message.content


async def main(questions: list[str]) -> None:
    await asyncio.gather(*[ask(each) for each in questions])  #: queue cost
    await asyncio.wait_for(ask("last"), 30)  #: cancellation


asyncio.run(main(open("questions").readlines()))
