"""The consensus on each reply as a row of a decision log, so that a recalibration can read it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import fmean

from hitl.decisions.decision import Decision
from hitl.decisions.schema import LONGEST_SECONDS
from hitl.decisions.words import HumanAction, Lane, Level
from hitl.digest import digest
from hitl.review.tables import counting
from hitl.review.votes import RatedItem, Ratings
from hitl.review.words import Action
from hitl.run.arm import Arm

_CORRECT = {Action.APPROVE: True, Action.MODIFY: False, Action.REJECT: False, Action.ESCALATE: None}


def decision_log(ratings: Ratings) -> bytes:
    """Return `decisions.jsonl`: one row a rated reply, in the order of the ratings."""
    rows = (row.model_dump(mode="json", exclude_none=True) for row in decision_rows(ratings))
    lines = (json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode()


def decision_rows(ratings: Ratings) -> Iterator[Decision]:
    """Yield what people concluded of each reply; outputs that look the same give a row for each arm.

    - A reply without a consensus has neither an action nor a label: left out, it would leave out what is hard to judge.
    - `correct` is true where the consensus approves, false where it modifies or rejects, unknown where it escalates.
    - `review_probability` is the chance with which the item was chosen. What was not chosen is not in the log, so a
      recalibration refuses drawn decisions of which some have no label, instead of taking the rest to speak for all.
    - `review_seconds` is the mean over raters where one output was shown; beside another, nobody knows which took the time.
    - `at` is the day on which the last ballot was locked, as when the model answered is not part of a review. A time of day
      would make replies of one model with the same confidence look like copies of one decision.
    """
    at = _day(ratings.locked_at)
    models = {Arm.PREVIOUS: ratings.previous_model, Arm.CANDIDATE: ratings.candidate_model}
    for item in ratings.items:
        for arm in item.replies:
            yield _row(ratings, item, arm, at).model_copy(
                update={"declared_model": models[arm], "resolved_model": models[arm]}
            )


def _row(ratings: Ratings, item: RatedItem, arm: Arm, at: datetime | None) -> Decision:
    action = item.consensus.get(arm)
    return Decision(
        decision_id=digest([ratings.review_id, item.item_id, arm.value])[:32],
        at=at,
        workflow_id=ratings.workflow_id or None,
        action_type=item.action_type.get(arm) or None,
        confidence=item.confidence.get(arm),
        lane=Lane.QUEUE,
        human_action=HumanAction(action.value) if action else None,
        review_seconds=_seconds(item),
        correct=_CORRECT[action] if action else None,
        severity=Level(item.severity.value),
        review_probability=item.probability,
    )


def _seconds(item: RatedItem) -> float | None:
    if len(item.replies) == 2 and not item.is_identical:
        return None
    seconds = [vote.seconds for vote in counting(item) if vote.seconds is not None]
    return min(fmean(seconds), LONGEST_SECONDS) if seconds else None


def _day(moment: str | None) -> datetime | None:
    if moment is None:
        return None
    when = datetime.fromisoformat(moment).astimezone(UTC)
    return when.replace(hour=0, minute=0, second=0, microsecond=0)
