#: unknown closing
"""An SDK that gets a client: its settings count."""
import httpx
import openai

client = openai.OpenAI(
    http_client=httpx.Client(
        http2=True,  #: http2
        proxy="http://proxy.example:3128",  #: proxy
    ),
)
print(client.models.list())
