#: unknown closing proxy socks
"""Views of Django: one asynchronous, one not."""
import httpx
from django.http import JsonResponse
from django.urls import path

client = httpx.AsyncClient()
blocking = httpx.Client()


async def live(request):  #: cancellation queue cost
    answer = await client.get("https://example.org/live")
    return JsonResponse(answer.json())


def old(request):  #: threads queue cost
    return JsonResponse(blocking.get("https://example.org/old").json())


urlpatterns = [path("live", live), path("old", old)]
