"""HumanLayer: function calls that waited for approval, and questions to people.

Who answered is not part of the format, and the time until an answer is no time of work.
"""

from collections.abc import Iterator

from hitl.decisions.exchange.instants import of_utc
from hitl.decisions.exchange.look import as_tree, text_of
from hitl.decisions.exchange.names import values_of
from hitl.decisions.exchange.shape import Aside, Proposal, Seen, Tree

_ACTIONS = {True: "approve", False: "reject"}


def is_mine(record: Tree) -> bool:
    """Say whether a record is a function call or a human contact."""
    spec = as_tree(record.get("spec"))
    return "call_id" in record and ("fn" in spec or "msg" in spec)


def read(record: Tree) -> Iterator[Seen]:
    """Yield what a function call or a human contact amounts to."""
    spec, status = as_tree(record.get("spec")), as_tree(record.get("status"))
    if "fn" not in spec:
        yield Aside("a question to a person, which proposes nothing")
        return
    approved = status.get("approved")
    action = _ACTIONS.get(approved) if isinstance(approved, bool) else approved
    key = text_of(record.get("call_id"))
    values: dict[str, object] = {
        "decision_id": key,
        "at": of_utc(status.get("requested_at")),
        "action_type": spec.get("fn"),
        "human_action": action,
        "decided_at": of_utc(status.get("responded_at")) if action is not None else None,
        **values_of((as_tree(spec.get("state")),)),
    }
    yield Proposal(values, (record,), (key,) if key else (), text_of(record.get("run_id")))
