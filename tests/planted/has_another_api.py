"""A client without the API that this poolgate speaks."""

import httpx

del httpx.Limits
