#: unknown closing
"""Mounts: internal hosts by a SOCKS proxy, all others direct, chosen in a function of the settings."""
import httpx

ROUTES = {
    "internal": "socks5://jump.example.org:1080",
}


def transports() -> dict[str, httpx.BaseTransport | None]:
    inner = httpx.HTTPTransport(proxy=ROUTES["internal"], retries=1)  #: socks
    return {"all://*.internal": inner, "all://": None}


with httpx.Client(mounts=transports(), trust_env=False) as client:
    print(client.get("https://wiki.internal/"))
