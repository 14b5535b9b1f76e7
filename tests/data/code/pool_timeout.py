#: unknown closing proxy socks queue
"""PoolTimeout is expected, but nothing here shows how many requests run at once."""
import httpx

client = httpx.Client(timeout=httpx.Timeout(5, pool=1))


def load(url):
    try:
        return client.get(url)
    except httpx.PoolTimeout:
        return None


load("https://example.org/")
