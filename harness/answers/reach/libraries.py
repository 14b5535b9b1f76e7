"""The names of libraries that concern a pool: clients, packages with a client inside, and what cancels or shares.

Each name is a dotted path as a program imports it. The lists follow the documentation of the libraries; a name that is
missing here makes an answer unknown, never "not seen".
"""

from __future__ import annotations

from ...catalogue.packages import CLIENTS, POOLS


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


HTTP = (*CLIENTS, *POOLS)
"""The packages whose clients are measured."""

SYNC = frozenset({"Client", "ConnectionPool", "SyncConnectionPool", "HTTPProxy", "SyncHTTPProxy", "SOCKSProxy"})
ASYNC = frozenset({"AsyncClient", "AsyncConnectionPool", "AsyncHTTPProxy", "AsyncSOCKSProxy"})
TRANSPORTS = frozenset({"HTTPTransport", "AsyncHTTPTransport"})
MOCKS = frozenset({"MockTransport", "ASGITransport", "WSGITransport"})
"""Transports without a pool."""

VERBS = words("get post put patch delete head options request send stream handle_request handle_async_request arequest")
"""The methods of a client that make a request; the functions of its module have the same names."""
DATA = words(
    "Request Response URL Headers Cookies QueryParams Timeout Limits HTTPStatusError InvalidURL codes Auth BasicAuth "
    "DigestAuth NetRCAuth FunctionAuth ByteStream SyncByteStream AsyncByteStream USE_CLIENT_DEFAULT create_ssl_context "
    "StreamConsumed StreamClosed ResponseNotRead RequestNotRead TooManyRedirects UnsupportedProtocol CookieConflict"
)
"""Names of clients' packages that hold no client."""
NO_REQUEST = words(
    "close aclose build_request merge_url copy with_options __enter__ __aenter__ __exit__ __aexit__ cookies headers "
    "timeout params auth base_url event_hooks is_closed trust_env builder build token add_handler add_handlers "
    "add_error_handler with_raw_response with_streaming_response"
)
"""The methods of a client, or of an object that holds one, that make none."""

SDKS: dict[str, str] = {
    "openai": "OpenAI AsyncOpenAI AzureOpenAI AsyncAzureOpenAI Client AsyncClient",
    "anthropic": "Anthropic AsyncAnthropic AnthropicBedrock AsyncAnthropicBedrock AnthropicVertex "
    "AsyncAnthropicVertex AnthropicFoundry AsyncAnthropicFoundry Client AsyncClient",
    "authlib.integrations.httpx_client": "AsyncOAuth1Client AsyncOAuth2Client OAuth1Client OAuth2Client "
    "AsyncAssertionClient AssertionClient",
    "cerebras": "Cerebras AsyncCerebras",
    "cohere": "Client AsyncClient ClientV2 AsyncClientV2",
    "elevenlabs": "ElevenLabs AsyncElevenLabs",
    "fastmcp": "Client",
    "firecrawl": "Firecrawl AsyncFirecrawl",
    "google.genai": "Client",
    "groq": "Groq AsyncGroq",
    "hishel": "CacheClient AsyncCacheClient SyncCacheClient",
    "huggingface_hub": "InferenceClient AsyncInferenceClient HfApi",
    "langchain_anthropic": "ChatAnthropic AnthropicLLM",
    "langchain_groq": "ChatGroq",
    "langchain_mistralai": "ChatMistralAI MistralAIEmbeddings",
    "langchain_ollama": "ChatOllama OllamaLLM OllamaEmbeddings",
    "langchain_openai": "ChatOpenAI OpenAI OpenAIEmbeddings AzureChatOpenAI AzureOpenAI AzureOpenAIEmbeddings",
    "langfuse": "Langfuse get_client",
    "litellm": "Router",
    "llama_index": "OpenAI OpenAIEmbedding Anthropic Ollama",
    "mcp": "sse_client streamablehttp_client streamable_http_client",
    "mistralai": "Mistral",
    "notion_client": "Client AsyncClient",
    "ollama": "Client AsyncClient",
    "pydantic_ai": "Agent",
    "qdrant_client": "QdrantClient AsyncQdrantClient",
    "replicate": "Client",
    "supabase": "create_client acreate_client create_async_client Client AsyncClient",
    "tavily": "TavilyClient AsyncTavilyClient",
    "telegram": "Bot ExtBot Application ApplicationBuilder Updater HTTPXRequest",
    "together": "Together AsyncTogether",
    "weaviate": "WeaviateAsyncClient WeaviateClient connect_to_local connect_to_custom use_async_with_local",
}
"""Packages with a client inside: the names that make an object with a pool."""
SDK_CALLS: dict[str, str] = {
    "litellm": "completion acompletion embedding aembedding image_generation aimage_generation transcription "
    "atranscription responses aresponses moderation amoderation rerank arerank text_completion atext_completion",
    "ollama": "chat generate embed embeddings pull push list show ps",
    "replicate": "run async_run stream async_stream",
    "httpx_sse": "connect_sse aconnect_sse",
    "httpx_ws": "connect_ws aconnect_ws",
}
"""Functions of such packages that make a request."""
SDK_LIMIT = 1000
"""The `max_connections` of openai's and anthropic's own clients (`DEFAULT_CONNECTION_LIMITS` of both)."""
DEFAULT_LIMIT = 100
"""The `max_connections` of a client that is made without limits."""

LEAVES = {
    "asyncio.wait_for": "wait_for",
    "asyncio.timeout": "asyncio.timeout",
    "asyncio.timeout_at": "asyncio.timeout_at",
    "async_timeout.timeout": "async_timeout",
    "async_timeout.timeout_at": "async_timeout",
    "asyncio.timeouts.timeout": "asyncio.timeout",
    "asyncio.TaskGroup": "a task group",
    "asyncio.taskgroups.TaskGroup": "a task group",
    "anyio.create_task_group": "a task group",
    "anyio.fail_after": "fail_after",
    "anyio.move_on_after": "move_on_after",
    "anyio.CancelScope": "a cancel scope",
    "anyio.open_cancel_scope": "a cancel scope",
    "trio.open_nursery": "a nursery",
    "trio.fail_after": "fail_after",
    "trio.fail_at": "fail_at",
    "trio.move_on_after": "move_on_after",
    "trio.move_on_at": "move_on_at",
    "trio.CancelScope": "a cancel scope",
    "taskgroup.TaskGroup": "a task group",
    "quattro.TaskGroup": "a task group",
    "quattro.fail_after": "fail_after",
    "quattro.move_on_after": "move_on_after",
    "asyncer.create_task_group": "a task group",
    "exceptiongroup.catch": "",
}
"""What cancels the requests inside: context managers, and `wait_for`; the words name it."""
GROUPS = frozenset(name for name, words in LEAVES.items() if words in {"a task group", "a nursery"})

TASKS = frozenset({"create_task", "ensure_future", "start_soon", "start", "soonify", "spawn", "create_background_task"})
"""Methods and functions that start a task from a coroutine or a function."""
GATHERS = frozenset({"asyncio.gather", "asyncio.as_completed", "asyncio.wait", "asyncio.tasks.gather"})

THREAD_STARTS = {
    "threading.Thread": "a thread",
    "threading.Timer": "a thread",
    "asyncio.to_thread": "to_thread",
    "asyncio.threads.to_thread": "to_thread",
    "anyio.to_thread.run_sync": "to_thread.run_sync",
    "trio.to_thread.run_sync": "to_thread.run_sync",
    "asgiref.sync.sync_to_async": "sync_to_async",
    "starlette.concurrency.run_in_threadpool": "run_in_threadpool",
    "fastapi.concurrency.run_in_threadpool": "run_in_threadpool",
    "asyncer.asyncify": "asyncify",
    "_thread.start_new_thread": "a thread",
}
POOLS_OF_THREADS = frozenset(
    {
        "concurrent.futures.ThreadPoolExecutor",
        "concurrent.futures.thread.ThreadPoolExecutor",
        "multiprocessing.pool.ThreadPool",
        "multiprocessing.dummy.Pool",
        "apscheduler.schedulers.background.BackgroundScheduler",
    }
)
POOL_METHODS = frozenset({"submit", "map", "imap", "imap_unordered", "apply_async", "map_async", "starmap", "add_job"})

RUNS = {
    "asyncio.run": "asyncio",
    "asyncio.runners.run": "asyncio",
    "anyio.run": "",
    "trio.run": "trio",
    "uvloop.run": "asyncio",
    "asgiref.sync.async_to_sync": "asyncio",
    "asyncer.syncify": "",
    "anyio.from_thread.start_blocking_portal": "",
}
"""What starts an event loop, and its backend; empty where the caller chooses."""

WEB = {
    "fastapi": "FastAPI",
    "starlette": "Starlette",
    "quart": "Quart",
    "aiohttp": "aiohttp.web",
    "sanic": "Sanic",
    "litestar": "Litestar",
    "blacksheep": "BlackSheep",
    "django": "Django",
    "ninja": "Django",
    "rest_framework": "Django",
    "adrf": "Django",
    "flask": "Flask",
    "robyn": "Robyn",
    "falcon": "Falcon",
    "tornado": "Tornado",
    "bottle": "Bottle",
    "pyramid": "Pyramid",
    "chainlit": "Chainlit",
    "nicegui": "NiceGUI",
    "gradio": "Gradio",
    "socketio": "Socket.IO",
    "strawberry": "Strawberry",
}
"""Frameworks that call a program's functions, many at once; an asynchronous one is cancelled when its caller leaves."""
ROUTES = words(
    "route get post put patch delete head options api_route websocket websocket_route middleware add_api_route "
    "add_route add_url_rule add_get add_post add_put add_patch add_delete before_request after_request errorhandler "
    "exception_handler on_event api_view view operation action handler listener event on_message on_chat_start task "
    "add_task shared_task api_operation field subscription mutation query tool resource prompt"
)

PASSES = words(
    "list tuple set frozenset sorted reversed iter next enumerate zip filter anext aiter max min copy deepcopy cast "
    "wait_for shield ensure create_task ensure_future gather wait as_completed enter_context enter_async_context "
    "run run_until_complete await_ closing aclosing cycle chain islice nullcontext run_sync to_thread"
)
"""Functions of libraries whose result holds what their arguments hold."""
GETTERS = words("get pop popleft popitem values items setdefault copy __getitem__ get_nowait result")
"""Methods of containers that return what these hold."""
PARTS_OF_CLIENTS = words(
    "chat completions messages responses beta audio images embeddings models files bot message client"
)
"""Attributes of an object that holds a client, which use the same client."""
OBJECTS = words(
    "create_task ensure_future start_soon TaskGroup create_task_group open_nursery timeout timeout_at fail_after "
    "fail_at move_on_after move_on_at CancelScope Semaphore BoundedSemaphore CapacityLimiter ThreadPoolExecutor "
    "ThreadPool Pool BackgroundScheduler new_event_loop get_event_loop Runner ContextVar local Queue Event Lock "
    "Condition start_blocking_portal all_tasks current_task Timeout Limits getattr import_module __import__"
)
"""What makes the objects that matter: tasks, deadlines, semaphores, threads, queues."""
