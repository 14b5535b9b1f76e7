"""A pool whose read timeout runs on while its connection is idle."""

import time

from httpcore2._backends.anyio import AnyIOStream

original = AnyIOStream.read


async def impatient(self, max_bytes, timeout=None):
    if timeout is not None:
        self.until = getattr(self, "until", time.monotonic() + timeout)
        timeout = max(0.0, self.until - time.monotonic())
    return await original(self, max_bytes, timeout)


AnyIOStream.read = impatient
