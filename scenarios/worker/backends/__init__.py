"""What a load runs on: asyncio or trio."""
