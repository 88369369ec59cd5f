"""Models of both wire formats, asked once against the loopback server."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from hitl.manifest.release import ModelSpec, Provider
from hitl.run.http.anthropic import AnthropicModel
from hitl.run.http.openai import OpenAIModel
from hitl.run.model import CallError, Completion, Probe, Request
from tests.loopback.server import Served

KEY = "sk-test-0123456789abcdef"
WIRES = [Provider.OPENAI, Provider.ANTHROPIC]

both_wires = pytest.mark.parametrize("wire", [pytest.param(wire, id=wire.value) for wire in WIRES])

TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_status",
        "description": "Status of a service.",
        "parameters": {"type": "object", "properties": {"id": {"type": "integer"}}},
    },
}


def a_request(text: str = "What now?", **more: object) -> Request:
    return Request("case", ({"role": "user", "content": text},), **more)


def a_model(
    server: Served | str,
    wire: Provider = Provider.OPENAI,
    *,
    model_id: str = "prod",
    params: dict[str, Any] | None = None,
    key: str | None = KEY,
    timeout_s: float = 20.0,
    max_turns: int = 8,
    tools_offered: bool = False,
) -> OpenAIModel | AnthropicModel:
    url = server if isinstance(server, str) else server.openai_url
    spec = ModelSpec(
        id=model_id, provider=wire, base_url=url, api_key_env="THE_KEY", params=params or {}
    )
    kind = OpenAIModel if wire is Provider.OPENAI else AnthropicModel
    return kind(spec, key, timeout_s, max_turns, 8, tools_offered=tools_offered)


def all_completions(
    model: OpenAIModel | AnthropicModel, requests: Sequence[Request]
) -> list[Completion | CallError]:
    """Ask one after the other; a failure stands where its completion would."""

    async def run() -> list[Completion | CallError]:
        found: list[Completion | CallError] = []
        try:
            for request in requests:
                try:
                    found.append(await model.ask(request, 0))
                except CallError as error:
                    found.append(error)
        finally:
            await model.close()
        return found

    return asyncio.run(run())


def the_completion(
    model: OpenAIModel | AnthropicModel, request: Request | None = None
) -> Completion:
    (found,) = all_completions(model, [request or a_request()])
    if isinstance(found, CallError):
        raise found
    return found


def the_failure(model: OpenAIModel | AnthropicModel, request: Request | None = None) -> CallError:
    with pytest.raises(CallError) as caught:
        the_completion(model, request)
    return caught.value


def the_probe(model: OpenAIModel | AnthropicModel) -> Probe:
    async def run() -> Probe:
        try:
            return await model.probe()
        finally:
            await model.close()

    return asyncio.run(run())
