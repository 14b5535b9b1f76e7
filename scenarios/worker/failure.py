"""The bounded description of an exception in a history."""

from typing import Any, Dict, List, Optional

MESSAGE = 200
CHAIN = 8
FRAMES = 12


def describe(error: BaseException) -> Dict[str, Any]:
    """Return an error's public class, its message or that of its cause, the chain of causes, and where it was raised.

    `site` lists the client's functions that it passed, innermost last.
    """
    return {
        "error": type(error).__name__,
        "message": _message(error)[:MESSAGE],
        "chain": ["%s.%s" % (type(link).__module__, type(link).__name__) for link in _chain(error)],
        "site": _site(error),
    }


def _message(error: BaseException) -> str:
    """Return the text that a log would show first: a class without a message takes that of its cause."""
    return next((text for text in map(str, _chain(error)) if text), "")


def _chain(error: BaseException) -> List[BaseException]:
    links: List[BaseException] = []
    link: Optional[BaseException] = error
    while link is not None and link not in links and len(links) < CHAIN:
        links.append(link)
        link = link.__cause__ or link.__context__
    return links


def _site(error: BaseException) -> List[str]:
    """Return `module:function` of the frames below ours, where the innermost cause was raised."""
    trace = _chain(error)[-1].__traceback__
    frames: List[str] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append("%s:%s" % (trace.tb_frame.f_globals.get("__name__", "?"), code.co_name))
        trace = trace.tb_next
    return frames[-FRAMES:]
