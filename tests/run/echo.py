"""A model that answers at once, fails on demand, and counts what it is asked."""

import asyncio
from collections import Counter
from collections.abc import Callable

from hitl.run.model import CallError, Completion, Fault, Probe, Request
from hitl.run.reply import Finish

Fails = Callable[[str, int, int], CallError | None]
"""(case, repeat, attempt) to what goes wrong, if anything."""


def never(_case: str, _repeat: int, _attempt: int) -> None:
    """Let every call succeed."""


class EchoModel:
    """Repeats the last message; implements `Model` without a network."""

    def __init__(
        self, name: str = "echo-2026-05-01", fails: Fails = never, delay_s: float = 0.0
    ) -> None:
        self.name = name
        self.fails = fails
        self.delay_s = delay_s
        self.asked: Counter[tuple[str, int]] = Counter()
        self.order: list[str] = []
        self.at_once = 0
        self.most_at_once = 0
        self.n_probes = 0

    @property
    def endpoint(self) -> str:
        return f"echo {self.name}"

    async def ask(self, request: Request, repeat: int) -> Completion:
        self.asked[request.case_id, repeat] += 1
        self.order.append(request.case_id)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.delay_s)
            if error := self.fails(request.case_id, repeat, self.asked[request.case_id, repeat]):
                raise error
        finally:
            self.at_once -= 1
        return Completion(
            text=str(request.messages[-1]["content"]), finish=Finish.STOP, resolved_model=self.name,
            input_tokens=10, output_tokens=2, latency_ms=1.0,
        )  # fmt: skip

    async def probe(self) -> Probe:
        self.n_probes += 1
        return Probe(resolved_model=self.name, metadata_identity=None, dropped=(), refused=())

    async def close(self) -> None:
        pass


def a_request(case: str, text: str = "hello") -> Request:
    return Request(case_id=case, messages=({"role": "user", "content": text},))


def fault(kind: Fault, message: str = "no", retry_after_s: float | None = None) -> CallError:
    return CallError(kind, message, retry_after_s)
