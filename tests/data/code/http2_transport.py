#: unknown closing
"""HTTP/2 by a transport; a transport of its own takes no proxy of the environment."""
import httpx

transport = httpx.HTTPTransport(http2=True, retries=2)  #: http2
client = httpx.Client(transport=transport)
print(client.get("https://example.org/").http_version)
