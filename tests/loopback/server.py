"""A real HTTP server that speaks both wire formats and misbehaves on command.

    with Loopback(rules=[{"when": {"every": 7}, "do": "429", "retry_after": 1}]) as server:
        ... server.openai_url ...

`GET /_control/calls` tells which calls came, in order, and what became of them; `GET /_control/bodies` the last hundred.
"""

import asyncio
import json
import threading
import urllib.request
from collections import Counter, deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Self

from aiohttp import web

from tests.loopback.answers import Answers
from tests.loopback.asked import Asked, read_asked
from tests.loopback.delivery import deliver, instead
from tests.loopback.demands import refusal_of
from tests.loopback.rules import Rule, RuleBook
from tests.loopback.shapes import body_of, error_body

_LARGEST_REQUEST = 64 << 20


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the server does; as JSON, the file of `python -m tests.loopback`."""

    rules: Sequence[Rule] = ()
    table: Sequence[Mapping[str, Any]] = ()
    """Rows `{"user": ..., "text": ...}`, with `model` and `tool_calls` where wanted."""
    latency_ms: float = 0.0
    key: str | None = None
    """The key that calls must carry."""
    resolves: Mapping[str, str] = field(default_factory=dict)
    """Identity behind each alias; any other name is echoed."""
    drops: Collection[str] = ()
    """temperature, response_format, tools, logprobs: taken, and not honoured."""
    refuses: Collection[str] = ()
    """Parameters that get a 400."""
    models: Sequence[Mapping[str, Any]] | None = None
    """vLLM's `/v1/models`; None: 404."""
    props: Mapping[str, Any] | None = None
    """llama.cpp's `/props`."""
    tags: Sequence[Mapping[str, Any]] | None = None
    """Ollama's `/api/tags`."""


class Site:
    """The application, with the memory of what was asked."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._book = RuleBook(settings.rules)
        self._answers = Answers(settings.table, settings.resolves, settings.drops)
        self._started = perf_counter()
        self._calls: list[dict[str, Any]] = []
        self._bodies: deque[dict[str, Any]] = deque(maxlen=100)
        self._looks: list[str] = []

    def app(self) -> web.Application:
        app = web.Application(client_max_size=_LARGEST_REQUEST)
        app.router.add_post("/v1/chat/completions", self._openai)
        app.router.add_post("/v1/messages", self._anthropic)
        app.router.add_get("/_control/calls", self._report)
        app.router.add_get("/_control/bodies", self._last_bodies)
        app.router.add_get("/{path:.*}", self._metadata)
        return app

    async def _openai(self, request: web.Request) -> web.StreamResponse:
        return await self._noted(request, read_asked(await request.read(), False))

    async def _anthropic(self, request: web.Request) -> web.StreamResponse:
        return await self._noted(request, read_asked(await request.read(), True))

    async def _noted(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        self._bodies.append(asked.body)
        entry: dict[str, Any] = {
            "n": len(self._calls),
            "model": asked.model,
            "message": asked.digest,
            "user": asked.user[:200],
            "at_ms": round((perf_counter() - self._started) * 1000, 3),
            "status": None,  # stays so while the call is open, and when it never got an answer
        }
        self._calls.append(entry)
        response = await self._respond(request, asked)
        entry["status"] = response.status
        return response

    async def _respond(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        if self.settings.latency_ms:
            await asyncio.sleep(self.settings.latency_ms / 1000)
        effects = self._book.effects(asked)
        if (other := await instead(request, asked, effects)) is not None:
            return other
        if self.settings.key is not None and not self._has_key(request):
            return _error(asked, 401, "invalid key")
        settings = self.settings
        if refusal := refusal_of(asked, settings.refuses, settings.drops, request.headers):
            return _error(asked, 400, refusal[0], refusal[1])
        if "error_in_200" in effects:
            rule = effects["error_in_200"]
            return web.json_response(error_body(rule["message"], rule, asked.is_anthropic))
        answer = self._answers.to(asked, effects)
        return await deliver(request, body_of(answer, effects, asked.is_anthropic), effects)

    def _has_key(self, request: web.Request) -> bool:
        sent = (request.headers.get("Authorization"), request.headers.get("x-api-key"))
        return sent in ((f"Bearer {self.settings.key}", None), (None, self.settings.key))

    async def _metadata(self, request: web.Request) -> web.Response:
        self._looks.append(request.path)
        settings = self.settings
        found = {
            "/v1/models": None if settings.models is None else {"data": settings.models},
            "/props": settings.props,
            "/api/tags": None if settings.tags is None else {"models": settings.tags},
        }.get(request.path)
        if found is None:
            return web.Response(status=404, text="no such page")
        return web.json_response(found)

    async def _report(self, request: web.Request) -> web.Response:
        calls = self._calls
        return web.json_response({
            "total": len(calls),
            "unanswered": sum(call["status"] is None for call in calls),
            "by_model": Counter(call["model"] for call in calls),
            "by_message": Counter(call["message"] for call in calls),
            "order": calls,
            "looks": self._looks,
        })  # fmt: skip

    async def _last_bodies(self, request: web.Request) -> web.Response:
        return web.json_response(list(self._bodies))


async def opened(settings: Settings, port: int) -> tuple[web.AppRunner, int]:
    """Start to serve; return what to clean up, and the port."""
    runner = web.AppRunner(Site(settings).app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    return runner, int(runner.addresses[0][1])


class Served:
    """Where a server is, and what it remembers."""

    port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def openai_url(self) -> str:
        return f"{self.url}/v1"

    def calls(self) -> dict[str, Any]:
        """Return what `GET /_control/calls` tells."""
        return dict(json.loads(self._got("/_control/calls")))

    def bodies(self) -> list[dict[str, Any]]:
        """Return the bodies of the last hundred calls."""
        return list(json.loads(self._got("/_control/bodies")))

    def _got(self, path: str) -> bytes:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.url + path, timeout=30) as response:
            return bytes(response.read())


class Loopback(Served):
    """The server in a thread of its own, with its own loop."""

    def __init__(self, **settings: object) -> None:
        self._settings = Settings(**settings)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(30) or self._failure is not None:
            raise RuntimeError("the loopback server did not start") from self._failure
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            runner, self.port = await opened(self._settings, 0)
        except BaseException as error:
            self._failure = error
            raise
        finally:
            self._ready.set()
        try:
            await self._stop.wait()
        finally:
            await runner.cleanup()


def _error(asked: Asked, status: int, message: str, param: str | None = None) -> web.Response:
    return web.json_response(
        error_body(message, {"param": param}, asked.is_anthropic), status=status
    )
