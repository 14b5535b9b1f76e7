#: unknown closing proxy socks
"""Threads by hand, with arguments."""
import threading

import httpx


def work(session, url):
    print(session.get(url).status_code)


def main():
    with httpx.Client() as session:
        threads = [threading.Thread(target=work, args=(session, f"https://example.org/{n}")) for n in range(4)]  #: threads
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


main()
