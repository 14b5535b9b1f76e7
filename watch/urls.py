"""URLs that may be logged: without query, credentials, and parts of the path that look like secrets."""

from __future__ import annotations

import re
from typing import Any

_LONGEST = 20
"""Characters of a path segment with a digit; a longer one may be a token."""
_DIGIT = re.compile(r"\d")


def url_of(request: Any) -> str:
    """Return the URL of a pool's request: scheme, host, port and path."""
    url = request.url
    port = f":{url.port}" if url.port is not None else ""
    path = url.target.decode("ascii", "replace").partition("?")[0].partition("#")[0]
    return f"{url.scheme.decode('ascii', 'replace')}://{url.host.decode('ascii', 'replace')}{port}{redacted(path)}"


def redacted(path: str) -> str:
    """Return a path with `...` in place of each long segment with a digit, such as a token."""
    return "/".join("..." if len(part) > _LONGEST and _DIGIT.search(part) else part for part in path.split("/"))
