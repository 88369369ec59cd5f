"""Rows for the server's table, so that it gives the replies that a run already has."""

from collections.abc import Iterable, Mapping
from typing import Any

from hitl.run.http.foreign_json import write_json
from hitl.run.model import Request
from hitl.run.reply import Reply
from tests.loopback.asked import read_asked


def rows(model: str, requests: Mapping[str, Request], replies: Iterable[Reply]) -> list[dict[str, Any]]:  # fmt: skip
    """Return a row for each reply of a model; replies that are errors are left to the server's rules.

    Raises:
        ValueError: one question has two answers, which a table cannot give.
    """
    found: dict[str, dict[str, Any]] = {}
    for reply in replies:
        if reply.is_error:
            continue
        messages = [*requests[reply.case_id].messages]
        user = read_asked(write_json({"messages": messages}), False).user
        row: dict[str, Any] = {"model": model, "user": user, "text": reply.text}
        if reply.tool_calls:
            row["tool_calls"] = [call.model_dump() for call in reply.tool_calls]
        if found.setdefault(user, row) != row:
            raise ValueError(f"case {reply.case_id!r}: its question has another answer already")
    return list(found.values())
