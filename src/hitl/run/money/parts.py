"""What of a request has no bound in tokens: an image behind a short address may be a thousand of them."""

from collections.abc import Iterator, Mapping, Sequence

from hitl.document.schema import Json
from hitl.run.model import Request

_TEXT = ("text", "refusal", "tool_use")
_SAID = 10
"""Cases that a message names."""


def parts_problem(requests: Sequence[Request]) -> str | None:
    """Say which requests hold content that is no text, so that no cap can be kept; None where all are text."""
    found = [(request.case_id, kind) for request in requests if (kind := _foreign(request))]
    if not found:
        return None
    named = ", ".join(f"{case!r} ({kind})" for case, kind in found[:_SAID])
    more = f" and {len(found) - _SAID} more" if len(found) > _SAID else ""
    cases = "1 case" if len(found) == 1 else f"{len(found)} cases"
    return (
        f"the input of {cases} holds parts that are no text, whose tokens nobody can bound beforehand, so the cap cannot be kept: "
        f"{named}{more}; leave the limit out and set one at the provider, or take these cases out"
    )


def _foreign(request: Request) -> str | None:
    """Return the first kind of content that is no text."""
    for message in request.messages:
        if message.get("audio"):
            return "audio"
        if (kind := next(_foreign_kinds(message.get("content")), None)) is not None:
            return kind
    return None


def _foreign_kinds(content: Json) -> Iterator[str]:
    for part in content if isinstance(content, list) else ():
        kind = part.get("type") if isinstance(part, Mapping) else None
        if isinstance(part, Mapping) and kind == "tool_result":
            yield from _foreign_kinds(part.get("content"))
        elif kind not in _TEXT:
            yield str(kind or "a part without a type")
