"""What passes between hitl and a user's own program: the question, without the answers, and its reply."""

import json
from collections.abc import Iterable

from pydantic import ValidationError

from hitl.document.load import explain
from hitl.document.schema import Amount, Count, Document, Json, Share
from hitl.document.tree import field_name
from hitl.manifest.release import ModelSpec
from hitl.run.local.child import printable
from hitl.run.model import CallError, Completion, Fault, Request
from hitl.run.reply import Finish, ToolCall


class ProgramAnswer(Document):
    """What a command prints, or a function returns."""

    text: str | None = None
    """What the model wrote."""
    tool_calls: tuple[ToolCall, ...] | None = None
    """Tools that it wants called."""
    finish: Finish | None = None
    """Why it ended."""
    resolved_model: str | None = None
    """The model that says it answered."""
    input_tokens: Count | None = None
    """Tokens of the prompt."""
    output_tokens: Count | None = None
    """Tokens of the reply."""
    cost_usd: Amount | None = None
    """Cost in USD."""
    confidence: Share | None = None
    """Confidence that the model states, 0 to 1."""
    action_type: str | None = None
    """Kind of action that it proposes."""
    labels: dict[str, Json] | None = None
    """Grades from outside, by name."""


EXPECTED = ", ".join(ProgramAnswer.model_fields)


def question(spec: ModelSpec, request: Request, repeat: int) -> dict[str, Json]:
    """Return what a program is asked: nothing of what a right reply would be is in it."""
    case = request.case
    shown = case.model_dump(mode="json", include={"input", "context"}) if case else {}
    return {
        "case_id": request.case_id,
        "repeat": repeat,
        "model": spec.id,
        "messages": list(request.messages),
        "tools": list(request.tools),
        "input": shown.get("input"),
        "context": shown.get("context"),
        "params": spec.params,
    }


def read_answer(content: bytes, latency_ms: float) -> Completion:
    """Read the JSON that a program gave as its reply.

    Raises:
        CallError: it is not JSON, has unknown or wrong fields, or holds no reply.
    """
    try:
        answer = ProgramAnswer.model_validate_json(content)
    except ValidationError as error:
        raise _malformed(_problem(error)) from error
    if answer.finish is Finish.ERROR:
        raise CallError(Fault.CRASHED, f"the program says that it failed: {printable(answer.text or 'no reason')}")  # fmt: skip
    if answer.text is None and answer.tool_calls is None and answer.labels is None:
        raise _malformed("holds no reply; expected one of text, tool_calls, labels")
    if not _is_finite(answer):
        raise _malformed("holds NaN or an infinity; leave out what is not known")
    return Completion(
        text=answer.text,
        tool_calls=answer.tool_calls,
        finish=answer.finish,
        resolved_model=answer.resolved_model,
        input_tokens=answer.input_tokens,
        output_tokens=answer.output_tokens,
        latency_ms=latency_ms,
        cost_usd=answer.cost_usd,
        confidence=answer.confidence,
        action_type=answer.action_type,
        labels=answer.labels,
    )


def read_value(value: Json, latency_ms: float) -> Completion:
    """Read what a function returned: text, or an object with the fields of a reply.

    Raises:
        CallError: it is neither, or not a usable object.
    """
    if isinstance(value, str):
        value = {"text": value}
    if not isinstance(value, dict):
        raise _malformed(f"is {type(value).__name__}; expected text, or an object with {EXPECTED}")
    return read_answer(json.dumps(value).encode(), latency_ms)


def _malformed(problem: str) -> CallError:
    return CallError(Fault.MALFORMED, f"the answer {problem}")


def _problem(error: ValidationError) -> str:
    details = error.errors(include_url=False)
    if details[0]["type"] == "json_invalid":
        return (
            f"is not JSON ({printable(details[0]['msg'])}); print one JSON object with {EXPECTED}, "
            "and everything else to stderr"
        )
    if unknown := [_place(d["loc"]) for d in details if d["type"] == "extra_forbidden"]:
        return f"has unknown keys: {printable(', '.join(sorted(unknown)))}; expected {EXPECTED}"
    problems = [f"{_place(detail['loc'])}: {explain(detail)}" for detail in details]
    return f"has mistakes: {printable('; '.join(problems))}"


def _place(loc: Iterable[str | int]) -> str:
    return field_name(tuple(loc)) or "the whole"


def _is_finite(answer: ProgramAnswer) -> bool:
    try:
        json.dumps([answer.labels, [call.arguments for call in answer.tool_calls or ()]], allow_nan=False)  # fmt: skip
    except ValueError:
        return False
    return True
