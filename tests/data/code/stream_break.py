#: unknown proxy socks
"""A stream that is left before its end."""
import httpx

client = httpx.Client()


def first_line(url: str) -> str:
    with client.stream("GET", url) as response:
        for line in response.iter_lines():
            if line.startswith("data:"):
                return line  #: closing
    return ""


def head(url: str) -> None:
    with client.stream("GET", url) as response:
        for number, chunk in enumerate(response.iter_bytes()):
            print(chunk)
            if number > 3:
                break  #: closing


first_line("https://example.org/")
head("https://example.org/")
