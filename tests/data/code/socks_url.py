#: unknown closing
"""A SOCKS proxy by a formatted address; proxies by an older option."""
import httpx

HOST = "proxy.example"
one = httpx.Client(proxy=f"socks5h://{HOST}:1080")  #: socks
two = httpx.Client(proxies={"all://": "http://proxy.example:3128"})  #: proxy
print(one.get("https://example.org/"), two.get("https://example.org/"))
