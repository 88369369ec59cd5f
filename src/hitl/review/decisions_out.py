"""The consensus on each reply as a row of a decision log, so that a recalibration can read it."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import fmean

from hitl.decisions.decision import FIRST_YEAR, LONGEST_NAME, Decision
from hitl.decisions.schema import LONGEST_SECONDS
from hitl.decisions.words import HumanAction, Lane, Level
from hitl.digest import digest
from hitl.review.problems import OPENLY
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

    - A log takes its rows as independent. Of the replies of an arm whose items share a cluster, such as the repeats of
      one case, one is there, drawn with the same chance for each.
    - A reply without a consensus has neither an action nor a label: left out, it would leave out what is hard to judge.
      Nor has it a `review_probability`, so that a recalibration counts it as wrong, and not as one that nobody drew.
    - `correct` is true where the consensus approves, false where it modifies or rejects, unknown where it escalates. It
      is left out throughout where raters agree too little, or nobody knows whether they do: then ratings decide nothing.
    - `review_probability` is the chance with which the item was chosen, divided by the number of its cluster's rows of
      which it was drawn. What was not chosen is not in the log.
    - `decision_id` is the same in every review of this reply, so that two reviews of it are no two decisions.
    - `review_seconds` is the mean over raters where one output was shown; beside another, nobody knows which took the time.
    - `at` is the day on which the last ballot was locked, as when the model answered is not part of a review. A time of day
      would make replies of one model with the same confidence look like copies of one decision.
    """
    at = _day(ratings.locked_at)
    models = {Arm.PREVIOUS: ratings.previous_model, Arm.CANDIDATE: ratings.candidate_model}
    own = [(item, arm) for item in ratings.items for arm in item.replies]
    clusters = Counter((item.cluster, arm) for item, arm in own)
    drawn = {(item.cluster, arm): item for item, arm in sorted(own, key=_drawn_last)}
    for item, arm in own:
        if drawn[item.cluster, arm] is item:
            row = _row(ratings, item, arm, models[arm])
            chance = item.probability / clusters[item.cluster, arm] if row.human_action else None
            yield row.model_copy(update={"at": at, "review_probability": chance})


def _drawn_last(of: tuple[RatedItem, Arm]) -> bytes:
    """Order the rows of a cluster by what knows nothing of the votes, and is the same at every merge."""
    item, arm = of
    return digest([item.item_id, arm.value]).encode()


def _row(ratings: Ratings, item: RatedItem, arm: Arm, model: str) -> Decision:
    action = item.consensus.get(arm)
    name = [ratings.workflow_id, model, item.case_id, item.repeat, item.case_digest, item.replies[arm]]  # fmt: skip
    return Decision(
        decision_id=digest(name)[:32],
        workflow_id=ratings.workflow_id or None,
        action_type=item.action_type.get(arm, "")[:LONGEST_NAME] or None,  # a model wrote it
        declared_model=model,
        resolved_model=model,
        confidence=item.confidence.get(arm),
        lane=Lane.QUEUE,
        human_action=HumanAction(action.value) if action else None,
        review_seconds=_seconds(item),
        correct=_CORRECT[action] if action and _may_decide(ratings) else None,
        severity=Level(item.severity.value),
    )


def _may_decide(ratings: Ratings) -> bool:
    """Whether raters agree enough; that outputs were openly labelled is no matter of agreement."""
    return all(problem == OPENLY for problem in ratings.problems)


def _seconds(item: RatedItem) -> float | None:
    if len(item.replies) == 2 and not item.is_identical:
        return None
    seconds = [vote.seconds for vote in counting(item) if vote.seconds is not None]
    return min(fmean(seconds), LONGEST_SECONDS) if seconds else None


def _day(moment: str | None) -> datetime | None:
    if moment is None:
        return None
    when = datetime.fromisoformat(moment).astimezone(UTC)
    # A clock that stood at the start of its own time says nothing; no log takes such a date.
    return (
        None if when.year < FIRST_YEAR else when.replace(hour=0, minute=0, second=0, microsecond=0)
    )
