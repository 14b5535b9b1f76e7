#: unknown closing proxy socks
"""The client lies in a base class, the deadline in a subclass, the call in a property's object."""
import asyncio

import httpx


class Base:
    def __init__(self):
        self._session = None

    @property
    def session(self):
        if self._session is None:
            self._session = httpx.AsyncClient()
        return self._session


class Users(Base):
    async def one(self, key):
        async with asyncio.timeout(2):  #: cancellation
            return await self.session.get(f"https://example.org/{key}")


async def main():
    users = Users()
    await users.one("a")


asyncio.run(main())
