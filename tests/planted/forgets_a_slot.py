"""A pool that never frees the slot of its fifth response."""

from httpcore._async import http11

SEEN = []
original = http11.AsyncHTTP11Connection._response_closed


async def forgetful(self):
    SEEN.append(self)
    if len(SEEN) != 5 + 1:  # the first is the warm-up's
        await original(self)


http11.AsyncHTTP11Connection._response_closed = forgetful
