"""Amazon A2I: the output of a human loop, with the answers of one or several workers.

What an answer says stands in a form that everybody designs alone, so the mapping has to name the field that
decides, as `answerContent.FIELD`.
"""

from collections.abc import Iterator

from hitl.decisions.exchange.instants import of_utc
from hitl.decisions.exchange.look import as_list, as_tree, text_of
from hitl.decisions.exchange.names import values_of
from hitl.decisions.exchange.shape import Judgement, Proposal, Seen, Tree


def is_mine(record: Tree) -> bool:
    """Say whether a record is the output of a human loop."""
    return {"humanLoopName", "humanAnswers"} <= record.keys()


def read(record: Tree) -> Iterator[Seen]:
    """Yield the decision of a loop, and each answer."""
    key = text_of(record.get("humanLoopName"))
    given = as_tree(record.get("inputContent"))
    flow = text_of(record.get("flowDefinitionArn")).rpartition("/")[2]
    values: dict[str, object] = {
        "decision_id": key,
        "workflow_id": flow or None,
        **values_of((given,)),
    }
    yield Proposal(values, (record, given), (key,) if key else ())
    for answer in map(as_tree, as_list(record.get("humanAnswers"))):
        said = {
            "human_action": None,
            "reviewer_id": answer.get("workerId"),
            "decided_at": of_utc(answer.get("submissionTime")),
            "review_seconds": answer.get("timeSpentInSeconds"),
        }
        yield Judgement(said, key, roots=(answer,))
