"""A conversation in which recorded tool results are replayed; nothing is executed."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from hitl.document.schema import Json
from hitl.run.model import MOST_CALLS_OF_A_TOOL, CallError, Completion, Fault, Message, Request
from hitl.run.reply import Finish, ToolCall


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer of the model within a conversation."""

    completion: Completion
    said: Message
    """The model's message as the provider wrote it."""


class Speaker(Protocol):
    """The wire format of a conversation."""

    async def turn(self, messages: list[Message], request: Request) -> Turn:
        """Send the conversation so far; return the next answer.

        Raises:
            CallError: there is none.
        """
        ...

    def handed_back(self, said: Message, results: Sequence[str]) -> list[Message]:
        """Return the messages that go on: what the model said, and a result for each of its calls."""
        ...


async def converse(
    speaker: Speaker, request: Request, opening: list[Message], max_turns: int
) -> Completion:
    """Ask, and answer every round of tool calls that is wholly recorded, until the model is done.

    The completion has the last text, the calls of all turns, and summed tokens and latency.

    Raises:
        CallError: a turn failed, or the model called tools in every one of `max_turns` turns.
    """
    messages, used, turns = opening, Counter[str](), list[Turn]()
    for _ in range(max_turns):
        turn = await speaker.turn(messages, request)
        turns.append(turn)
        results = _results(turn.completion, request.tool_results, used)
        if not results:
            return _whole([turn.completion for turn in turns])
        messages = [*messages, *speaker.handed_back(turn.said, results)]
    raise CallError(
        Fault.TOO_MANY_TURNS,
        f"the model still called tools in turn {max_turns}; raise limits.max_turns or look at its loop",
    )


def _results(
    completion: Completion, recorded: dict[str, Json], used: Counter[str]
) -> list[str] | None:
    """Return one result for each call; None ends the conversation."""
    calls = completion.tool_calls
    if not calls or completion.finish not in (Finish.TOOL_CALLS, None):
        return None  # cut off or refused calls are not worth an answer
    if any(recorded.get(call.name, []) == [] for call in calls):
        return None
    if max(Counter(call.name for call in calls).values()) > MOST_CALLS_OF_A_TOOL:
        return None
    return [_next_result(call, recorded, used) for call in calls]


def _next_result(call: ToolCall, recorded: dict[str, Json], used: Counter[str]) -> str:
    value = recorded[call.name]
    if isinstance(value, list):
        value = value[min(used[call.name], len(value) - 1)]
        used[call.name] += 1
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _whole(turns: list[Completion]) -> Completion:
    if len(turns) == 1:
        return turns[0]
    calls = tuple(call for turn in turns for call in turn.tool_calls or ())
    names = dict.fromkeys(turn.resolved_model for turn in turns if turn.resolved_model)
    return replace(
        turns[-1],
        tool_calls=calls or None,
        resolved_model=" + ".join(names) or None,  # two names mean that two models answered
        input_tokens=_total(turn.input_tokens for turn in turns),
        output_tokens=_total(turn.output_tokens for turn in turns),
        latency_ms=sum(turn.latency_ms or 0.0 for turn in turns),
    )


def _total(counts: Iterable[int | None]) -> int | None:
    known = list(counts)
    return None if None in known else sum(count for count in known if count is not None)
