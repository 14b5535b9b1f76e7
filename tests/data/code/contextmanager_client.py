#: unknown closing proxy socks
"""A generator that yields a client, used as a context manager, with requests one after another."""
import contextlib
import sys

import httpx


@contextlib.contextmanager
def api(token: str):
    client = httpx.Client(headers={"Authorization": f"Bearer {token}"}, follow_redirects=True)
    try:
        yield client
    finally:
        client.close()


def main() -> int:
    with api(sys.argv[1]) as client:
        for page in range(1, 20):
            answer = client.get("https://example.org/", params={"page": page})
            if answer.status_code != 200:
                return 1
            print(answer.text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
