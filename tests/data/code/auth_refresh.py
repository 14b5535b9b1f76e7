#: unknown closing proxy socks
"""A token is refreshed with the same client while a response is open."""
import httpx


class Token(httpx.Auth):
    def __init__(self, client):
        self.client = client
        self.token = ""

    def auth_flow(self, request):
        request.headers["Authorization"] = self.token
        response = yield request
        if response.status_code == 401:
            self.token = self.client.post("https://example.org/token").json()["token"]  #: queue
            yield request


client = httpx.Client()
client.auth = Token(client)
print(client.get("https://example.org/me").json())
