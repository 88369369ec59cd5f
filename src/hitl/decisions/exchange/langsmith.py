"""LangSmith: runs and feedback.

`ls_model_name` is the model that was asked, never the one that answered. Feedback of the source `app` was
given by a person in LangSmith; `api`, `model` and `auto_eval` were sent by programs.
"""

from collections.abc import Iterator

from hitl.decisions.exchange.instants import of_utc
from hitl.decisions.exchange.look import as_tree, take, text_of
from hitl.decisions.exchange.shape import Judgement, Seen, Tree
from hitl.decisions.exchange.spans import Span, machine, read_span


def is_mine(record: Tree) -> bool:
    """Say whether a record is a run or a feedback of LangSmith."""
    return _is_run(record) or _is_feedback(record)


def read(record: Tree) -> Iterator[Seen]:
    """Yield what a run or a feedback amounts to."""
    if _is_run(record):
        yield from read_span(_span(record))
    else:
        yield _feedback(record)


def _is_run(record: Tree) -> bool:
    return "run_type" in record and "id" in record


def _is_feedback(record: Tree) -> bool:
    return {"run_id", "key"} <= record.keys() and not {"score", "value", "feedback_source"}.isdisjoint(record)  # fmt: skip


def _span(record: Tree) -> Span:
    metadata = as_tree(as_tree(record.get("extra")).get("metadata"))
    cost = record.get("total_cost")
    return Span(
        trace=text_of(record.get("trace_id")),
        span=text_of(record.get("id")),
        name=text_of(record.get("id")),
        start=of_utc(record.get("start_time")),
        end=of_utc(record.get("end_time")),
        bags=(metadata,),
        kind=record.get("run_type"),
        own={} if cost is None else {"cost_usd": cost},
        record=record,
    )


def _feedback(record: Tree) -> Judgement:
    source = as_tree(record.get("feedback_source"))
    value = record.get("value")
    return Judgement(
        {"reviewer_id": take(source, "user_id", "ls_user_id"), "decided_at": of_utc(record.get("created_at"))},
        target=text_of(record.get("run_id")),
        trace=text_of(record.get("trace_id")),
        source=machine(source.get("type"), "app"),
        name=text_of(record.get("key")),
        value=record.get("score") if value is None else value,
        roots=(record,),
    )  # fmt: skip
