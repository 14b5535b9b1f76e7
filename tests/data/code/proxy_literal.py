#: unknown closing
"""A proxy by name, and one by mounts."""
import httpx

PROXY = "http://proxy.example:3128"
first = httpx.Client(proxy=PROXY)  #: proxy
second = httpx.Client(
    trust_env=False,
    mounts={"https://": httpx.HTTPTransport(proxy=httpx.Proxy("socks5://proxy.example:1080"))},  #: socks
)
print(first.get("https://example.org/"), second.get("https://example.org/"))
