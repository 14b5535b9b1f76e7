"""The backends on which a load runs: asyncio or trio."""
