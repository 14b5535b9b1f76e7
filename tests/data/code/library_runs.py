#: unknown closing proxy socks cancellation queue cost
"""A library runs a function many times, in its own way."""
import aiometer, asyncio, httpx, functools
c = httpx.AsyncClient()
async def f(u): return await c.get(u)
async def main(us):
    await aiometer.run_on_each(f, us)
    async with aiometer.amap(functools.partial(f), us) as res:
        async for r in res: print(r)
asyncio.run(main(open("u").readlines()))
