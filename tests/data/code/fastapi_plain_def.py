#: unknown closing proxy socks
"""Plain functions run in a pool of threads and share a client."""
import httpx
from fastapi import FastAPI

app = FastAPI()
session = httpx.Client()


@app.get("/")
def index():  #: threads queue cost
    return session.get("https://example.org/").json()
