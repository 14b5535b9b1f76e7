"""One client for the whole application."""
import httpx

client = httpx.AsyncClient(timeout=httpx.Timeout(10.0, pool=5.0))
