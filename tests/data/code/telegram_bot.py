#: unknown closing proxy socks
"""A bot; a handler sends within a deadline."""
import asyncio

from telegram import Update
from telegram.ext import ApplicationBuilder, CommandHandler, ContextTypes


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    async with asyncio.timeout(5):  #: cancellation
        await update.message.reply_text("hello")


app = ApplicationBuilder().token("token").build()
app.add_handler(CommandHandler("start", start))
app.run_polling()
