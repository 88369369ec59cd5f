"""What raters said of each output, and of each pair, as tables: units by raters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hitl.review.labels import Labelled, LabelTable, label_table
from hitl.review.votes import RatedItem, RatedVote
from hitl.review.words import Action, Outcome, Role
from hitl.run.arm import Arm

ACTIONS = tuple(action.value for action in Action)
OUTCOMES = tuple(outcome.value for outcome in Outcome)


@dataclass(frozen=True, slots=True)
class Unit:
    """Something that each rater says one thing of."""

    item: int
    """Place of the item."""
    arms: tuple[Arm, ...]
    """Whose output it is, both where the outputs look the same; empty for a preference."""
    labels: Mapping[str, str]
    """What each rater whose votes count says; one who said nothing is not in it."""
    rulings: tuple[str, ...]
    """What adjudicators say whose votes count."""


def action_units(items: Sequence[RatedItem]) -> Iterator[Unit]:
    """Yield each different output of each item: where both look the same, one vote on both is one vote."""
    for place, item in enumerate(items):
        sides = [tuple(item.replies)] if item.is_identical else [(arm,) for arm in item.replies]
        for arms in sides:
            yield _unit(place, arms, item, {id(v): v.actions.get(arms[0]) for v in item.votes})


def preference_units(items: Sequence[RatedItem]) -> Iterator[Unit]:
    """Yield each item with two different outputs: those that look the same are a tie without a vote."""
    for place, item in enumerate(items):
        if len(item.replies) == 2 and not item.is_identical:
            yield _unit(place, (), item, {id(v): v.preference for v in item.votes})


def table_of(subject: str, units: Sequence[Unit], items: Sequence[RatedItem]) -> LabelTable:
    """Return what raters say as numbers."""
    labelled = (Labelled(unit.labels, items[unit.item].cluster) for unit in units)
    return label_table(subject, ACTIONS if subject == "action" else OUTCOMES, labelled)


def counting(item: RatedItem, role: Role = Role.RATER) -> Iterator[RatedVote]:
    """Yield the votes on an item that count, of raters or of adjudicators."""
    yield from (vote for vote in item.votes if vote.counts and vote.role is role)


def _unit(
    place: int, arms: tuple[Arm, ...], item: RatedItem, said: Mapping[int, Action | Outcome | None]
) -> Unit:
    labels = {v.reviewer: label.value for v in counting(item) if (label := said[id(v)])}
    rulings = [said[id(v)] for v in counting(item, Role.ADJUDICATOR)]
    return Unit(place, arms, labels, tuple(label.value for label in rulings if label))
