#: unknown proxy socks
"""A stream that is entered by hand, and a response that nothing closes."""
import httpx

client = httpx.Client()
context = client.stream("GET", "https://example.org/")  #: closing
response = context.__enter__()
print(next(response.iter_bytes()))

request = client.build_request("GET", "https://example.org/")
answer = client.send(request, stream=True)  #: closing
print(answer.headers)
