#: unknown closing
"""A client without the environment, one request after another."""
import httpx

with httpx.Client(trust_env=False) as client:
    for page in range(500):
        print(client.get("https://example.org/", params={"page": page}).status_code)
