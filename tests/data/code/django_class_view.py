#: unknown closing proxy socks
"""Class-based views of Django: an asynchronous method, and a plain one with sync_to_async around a helper."""
import httpx
from asgiref.sync import sync_to_async
from django.http import HttpRequest, JsonResponse
from django.views import View

API = httpx.AsyncClient(base_url="https://api.example.org")
LEGACY = httpx.Client(base_url="https://old.example.org")


def legacy_price(item: str) -> float:
    return LEGACY.get(f"/price/{item}").json()["price"]


class PriceView(View):
    async def get(self, request: HttpRequest, item: str) -> JsonResponse:  #: cancellation queue cost
        price = await sync_to_async(legacy_price, thread_sensitive=False)(item)  #: threads
        stock = await API.get(f"/stock/{item}")
        return JsonResponse({"price": price, "stock": stock.json()})
