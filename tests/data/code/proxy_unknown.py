#: unknown closing proxy socks
"""A proxy that may be none."""
import os

import httpx

client = httpx.Client(proxy=os.environ.get("OUTGOING"), trust_env=False)
print(client.get("https://example.org/"))
