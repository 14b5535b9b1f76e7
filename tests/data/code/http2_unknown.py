#: unknown closing proxy socks http2
"""The environment switches HTTP/2 on."""
import os

import httpx

client = httpx.Client(http2=os.getenv("HTTP2") == "1")
print(client.get("https://example.org/").http_version)
