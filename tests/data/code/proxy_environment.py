#: unknown closing socks
"""The program sets the proxy in its environment."""
import os

import httpx

os.environ["HTTPS_PROXY"] = "http://proxy.example:3128"  #: proxy
print(httpx.Client(trust_env=True).get("https://example.org/"))
