"""A client that is there and broken: importing it fails."""

import sys

sys.modules["httpx"] = None
