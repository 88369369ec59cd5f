"""LangGraph interrupts for Agent Inbox, each with the response of a person where there is one.

`accept` approves what was proposed and `edit` changes it. What `ignore` and `response` mean is up to the graph
that gets them, so the mapping has to say it. Who wrote the times down is not known, so one without a zone needs
the mapping's.
"""

from collections.abc import Iterator, Mapping

from hitl.decisions.exchange.look import as_list, as_tree, named, take, text_of
from hitl.decisions.exchange.names import values_of
from hitl.decisions.exchange.shape import Proposal, Seen, Tree

WORDS: Mapping[str, str] = {"accept": "approve", "edit": "modify"}
"""What the documents of Agent Inbox leave no doubt about."""
_AROUND = ("interrupt", "request", "value", "human_interrupt")
_ANSWERS = ("response", "responses", "human_response", "resume")


def is_mine(record: Tree) -> bool:
    """Say whether a record holds an interrupt for Agent Inbox."""
    return bool(_interrupt(record))


def read(record: Tree) -> Iterator[Seen]:
    """Yield the decision that waited for a person."""
    interrupt = _interrupt(record)
    metadata = as_tree(record.get("metadata"))
    answer = _answer(record)
    key = named(take(record, "interrupt_id", "id"))
    values: dict[str, object] = {
        "decision_id": key,
        "at": record.get("created_at"),
        "action_type": as_tree(interrupt["action_request"]).get("action"),
        "human_action": answer.get("type"),
        "decided_at": record.get("responded_at") if answer else None,
        **values_of((metadata,)),
    }
    yield Proposal(values, (record, interrupt, metadata), (key,) if key else (), text_of(record.get("thread_id")))  # fmt: skip


def _interrupt(record: Tree) -> Tree:
    candidates = [record, *(as_tree(record.get(name)) for name in _AROUND)]
    return next(
        (one for one in candidates if "action" in as_tree(one.get("action_request"))),
        {},
    )


def _answer(record: Tree) -> Tree:
    """Several answers to one interrupt are a list of words, which is refused: none of them is the first to count."""
    found = take(record, *_ANSWERS)
    listed = as_list(found)
    if len(listed) > 1:
        return {"type": [as_tree(one).get("type") for one in listed]}
    return as_tree(listed[0] if listed else found)
