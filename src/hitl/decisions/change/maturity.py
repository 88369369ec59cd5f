"""Outcomes and labels of equal age on both sides: later decisions have had less time to turn out badly."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from hitl.decisions.change.alike import Known, apart
from hitl.decisions.change.days import day_text
from hitl.decisions.change.parts import Maturity
from hitl.decisions.change.rows import Rows
from hitl.decisions.change.rules import ComparisonRules
from hitl.decisions.measures.group import OVERRIDDEN
from hitl.decisions.measures.measured import rounded
from hitl.decisions.words import HumanAction, Lane

_TURNED_OUT = "of {} decisions say how they turned out"


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
    no_odds: str = ""
    """The same of outcomes of all that people decided."""
    no_labels: str = ""
    """The same of labels."""


def matured(before: Rows, after: Rows, last_day: int | None, rules: ComparisonRules) -> Mature:
    """Return the decisions that are old enough, counted from the log's last day.

    Outcomes, and labels, whose known shares differ between the sides by more than five points and by more than
    chance are not compared: what is known early is not like what is known late. Neither are those that are known
    of other lanes, or of what people did otherwise: labels of what was rejected alone make any model look bad.
    """
    until = -1 if last_day is None else last_day - rules.maturity_days
    old = [one.until(until) for one in (before, after)]
    approved = [one.chosen(one.is_one_of("human_action", HumanAction.APPROVE)) for one in old]
    overridden = [one.chosen(one.is_one_of("human_action", *OVERRIDDEN)) for one in old]
    outcomes = [_known(one, "outcome") for one in approved]
    labels = [_known(one, "correct") for one in old]
    part = Maturity(
        days=rules.maturity_days,
        until=day_text(until) if until >= 0 else None,
        n_before=old[0].n,
        n_after=old[1].n,
        outcome_known_before=rounded(outcomes[0].share),
        outcome_known_after=rounded(outcomes[1].share),
        label_known_before=rounded(labels[0].share),
        label_known_after=rounded(labels[1].share),
    )
    young = _young(old, part)
    no_outcomes = young or _apart(_TURNED_OUT.format("approved"), approved, "outcome", rules)
    return Mature(
        old[0],
        old[1],
        part,
        young,
        no_outcomes,
        no_outcomes or _apart(_TURNED_OUT.format("overridden"), overridden, "outcome", rules),
        young or _apart("of decisions have a label", old, "correct", rules),
    )


def _known(rows: Rows, key: str) -> Known:
    return Known(int(rows.sums["n"][rows.has(key)].sum()), rows.n)


def _apart(what: str, sides: list[Rows], key: str, rules: ComparisonRules) -> str:
    """Compare the whole, then each lane with each human action."""
    before, after = sides
    reason = apart(what, _known(before, key), _known(after, key), rules)
    if reason:
        return reason
    parts = [part for part in _parts(before, after) if part[1].n and part[2].n]
    for name, first, second in parts:
        known = _known(first, key), _known(second, key)
        if reason := apart(f"{what} ({name})", *known, rules, len(parts)):
            return reason
    return ""


def _parts(before: Rows, after: Rows) -> Iterator[tuple[str, Rows, Rows]]:
    for lane, action in product((None, *Lane), (None, *HumanAction)):
        name = f"lane {lane or 'unknown'}, {action or 'no human action'}"
        yield name, _part(before, lane, action), _part(after, lane, action)


def _part(rows: Rows, lane: Lane | None, action: HumanAction | None) -> Rows:
    in_lane = rows.is_one_of("lane", lane) if lane else ~rows.has("lane")
    did = rows.is_one_of("human_action", action) if action else ~rows.has("human_action")
    return rows.chosen(in_lane & did)


def _young(old: list[Rows], part: Maturity) -> str:
    if part.until is None:
        return "no decision says when it was made, so none is known to be old enough"
    sides = [name for name, one in zip(("before", "after"), old, strict=True) if not one.n]
    if not sides:
        return ""
    return f"{' and '.join(sides)}: no decision is {part.days} days older than the log's last day, so none was made by {part.until}"
