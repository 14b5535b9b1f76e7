#: unknown proxy socks
"""One request in a script."""
import httpx

response = httpx.get("https://example.org/")
print(response.status_code)
