"""Between handler and client."""
from .http import client


async def rate(currency: str) -> float:
    response = await client.get(f"https://example.org/{currency}")
    return response.json()["rate"]
