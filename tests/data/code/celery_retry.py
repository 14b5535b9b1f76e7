#: unknown closing proxy socks threads queue cost
"""Celery: a bound task with retries and a client of the module; the pool of workers is chosen on the command line."""
import httpx
from celery import Celery

app = Celery("tasks", broker="redis://localhost")
http = httpx.Client(timeout=httpx.Timeout(5.0, pool=1.0))


@app.task(bind=True, max_retries=3)
def deliver(self, url: str, body: dict) -> int:
    try:
        answer = http.post(url, json=body)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise self.retry(exc=error, countdown=2)
    return answer.status_code
