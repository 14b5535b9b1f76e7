#: unknown closing proxy socks
"""Options in a dictionary, unpacked."""
import httpx

OPTIONS = {
    "http2": True,  #: http2
    "timeout": None,
}
client = httpx.Client(**OPTIONS)
print(client.get("https://example.org/").http_version)
