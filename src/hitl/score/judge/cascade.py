"""Rules, then a judge, then people: who was asked, what each settled, and what it cost.

Each layer sees only what the one before could not settle. Rules cost nothing; a judge settles a reply if its
answer holds a label and it has authority where the reply stands; people get the rest, and settle what a review
decides where its ratings count.
"""

from dataclasses import dataclass

from hitl.score.arm import ArmScores
from hitl.score.judge.summary import JudgeSummary


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer, over the replies of both arms."""

    name: str
    """rules, judge or person."""
    n_asked: int
    """Replies; for people, those that somebody would have to look at."""
    n_settled: int
    """Replies that pass or fail by it."""
    n_left: int
    cost_low_usd: float | None
    """None: unknown."""
    cost_high_usd: float | None
    """The same as the lower figure where the cost is known; None: unknown."""


def cascade(
    arms: tuple[ArmScores, ArmScores],
    judges: tuple[JudgeSummary, ...],
    review_cost_usd: tuple[float, float],
) -> tuple[Layer, Layer, Layer]:
    """Return the three layers of a graded release.

    Failed calls are left by the rules and not handed on: there is nothing in them to look at, and
    they are run again instead. A comparison asks about two replies at once.

    Args:
        arms: both arms, graded.
        judges: what judges found.
        review_cost_usd: what one look by a person costs, least and most.
    """
    n_replies = sum(arm.n_replies for arm in arms)
    n_unmeasured = sum(int((arm.mark < 0).sum()) for arm in arms)
    n_judged = sum(arm.n_judged for arm in arms)
    n_by_judge = sum(arm.n_settled_by_judge for arm in arms)
    n_errors = sum(arm.n_errors for arm in arms)
    n_by_people = sum(arm.n_settled_by_people for arm in arms)
    n_left_by_rules = n_unmeasured + n_by_judge + n_by_people
    n_people = n_unmeasured + n_by_people - n_errors
    spent = judge_cost(judges)
    low, high = review_cost_usd
    return (
        Layer("rules", n_replies, n_replies - n_left_by_rules, n_left_by_rules, 0.0, 0.0),
        Layer("judge", n_judged, n_by_judge, n_judged - n_by_judge, spent, spent),
        Layer(
            "person",
            n_people,
            n_by_people,
            n_people - n_by_people,
            n_people * low,
            n_people * high,
        ),
    )


def judge_cost(judges: tuple[JudgeSummary, ...]) -> float | None:
    """Return what all questions cost together; None if any of them does not know."""
    costs = [judge.spending.cost_usd for judge in judges]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None
