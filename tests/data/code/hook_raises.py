#: unknown proxy socks
"""A hook that raises while the response is open."""
import httpx


def refuse(response):  #: closing
    response.raise_for_status()


client = httpx.Client(event_hooks={"response": [refuse]})
print(client.get("https://example.org/").text)
