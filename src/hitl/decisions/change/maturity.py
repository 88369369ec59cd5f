"""Outcomes and labels of equal age on both sides: later decisions have had less time to turn out badly."""

from dataclasses import dataclass

from hitl.decisions.change.days import day_text
from hitl.decisions.change.parts import Maturity
from hitl.decisions.change.rows import Mask, Rows
from hitl.decisions.change.rules import MOST_APART
from hitl.decisions.measures.measured import percent, rounded
from hitl.decisions.words import HumanAction


@dataclass(frozen=True, slots=True)
class Mature:
    """The decisions of both sides that are old enough, and why outcomes or labels cannot be compared."""

    before: Rows
    after: Rows
    part: Maturity
    young: str = ""
    """Why nothing that has to be waited for can be compared; empty if it can."""
    no_outcomes: str = ""
    """Why outcomes cannot be compared; empty if they can."""
    no_labels: str = ""
    """The same of labels."""


def matured(before: Rows, after: Rows, last_day: int | None, days: int) -> Mature:
    """Return the decisions that are at least so many days older than the log's last day.

    Outcomes, and labels, whose known shares differ by more than five points between the sides are not compared:
    what is known early is not like what is known late.
    """
    until = -1 if last_day is None else last_day - days
    old = [one.until(until) for one in (before, after)]
    outcomes = [_known(one.chosen(_approved(one)), "outcome") for one in old]
    labels = [_known(one, "correct") for one in old]
    part = Maturity(
        days=days,
        until=day_text(until) if until >= 0 else None,
        n_before=old[0].n,
        n_after=old[1].n,
        outcome_known_before=rounded(outcomes[0]),
        outcome_known_after=rounded(outcomes[1]),
        label_known_before=rounded(labels[0]),
        label_known_after=rounded(labels[1]),
    )
    young = _young(old, part)
    return Mature(
        old[0],
        old[1],
        part,
        young,
        young or _apart("of approved decisions say how they turned out", outcomes),
        young or _apart("of decisions have a label", labels),
    )


def _approved(rows: Rows) -> Mask:
    return rows.is_one_of("human_action", HumanAction.APPROVE)


def _known(rows: Rows, key: str) -> float | None:
    return int(rows.sums["n"][rows.has(key)].sum()) / rows.n if rows.n else None


def _young(old: list[Rows], part: Maturity) -> str:
    if part.until is None:
        return "no decision says when it was made, so none is known to be old enough"
    sides = [name for name, one in zip(("before", "after"), old, strict=True) if not one.n]
    if not sides:
        return ""
    return f"{' and '.join(sides)}: no decision is {part.days} days older than the log's last day, so none was made by {part.until}"


def _apart(what: str, shares: list[float | None]) -> str:
    first, second = shares
    if first is None or second is None or abs(second - first) <= MOST_APART:
        return ""
    return f"{percent(first)} {what} before and {percent(second)} after: the sides are not known alike, so a difference of what is known says nothing"
