#: unknown closing proxy socks
"""A threaded server with one client."""
import httpx
from flask import Flask

app = Flask(__name__)
http = httpx.Client(limits=httpx.Limits(max_connections=10))


@app.route("/")
def index():  #: threads queue cost
    return http.get("https://example.org/").text
