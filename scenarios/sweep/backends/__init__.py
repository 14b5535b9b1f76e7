"""What a sweep runs on: asyncio or trio, each with its ways to cancel."""
