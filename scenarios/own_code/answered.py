"""A client whose errors about a status are answers: some clients raise them by themselves."""

from typing import Any

from .through import Through

STATUS_ERRORS = {"HTTPStatusError", "HTTPError"}
"""The classes of the errors that a client makes of a status."""


class Answered(Through):
    async def get(self, *asked: Any) -> None:
        """Send one request as the adapter does; an error about its status counts as its answer."""
        try:
            await self.adapter.get(*asked)
        except Exception as error:
            if type(error).__name__ not in STATUS_ERRORS:
                raise
