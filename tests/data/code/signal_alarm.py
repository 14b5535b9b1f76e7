#: unknown closing proxy socks cancellation
"""A signal interrupts what runs."""
import signal, httpx
def h(*a): raise TimeoutError
signal.signal(signal.SIGALRM, h)
c = httpx.Client()
signal.alarm(3)
c.get("https://e")
