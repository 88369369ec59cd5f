"""Replies to golden cases under a policy: where each would go, who would see it, and whether it is right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from hitl.policy.decision import RESERVED
from hitl.policy.lanes import LANES, ZONES
from hitl.policy.replay.fields import RuleFields, rule_fields, without_rules
from hitl.policy.replay.tally import is_first
from hitl.policy.schema import Policy
from hitl.recalibrate.forecast.replies import RoutedReply
from hitl.recalibrate.forecast.traffic import N_LANES, Kind, Pool
from hitl.stats.counts import Numbers

SETTLED = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when the previous model is taken to be at work: no rule for young models holds for it."""
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Names:
    """Places of action types and pools in the columns of a matrix."""

    kinds: tuple[Kind, ...]
    """Action types of the replies of both arms."""
    pools: tuple[Pool, ...]

    @property
    def width(self) -> int:
        """Columns of a matrix: see `Routed.matrix`."""
        return N_LANES + 1 + 4 * len(self.kinds) + len(self.pools)

    @property
    def by_kind(self) -> slice:
        """Columns by action type: seen wrong and right, then the same of those that ran before they were seen."""
        return slice(N_LANES + 1, N_LANES + 1 + 4 * len(self.kinds))

    @property
    def by_pool(self) -> slice:
        """Columns by pool."""
        return slice(self.width - len(self.pools), self.width)


@dataclass(frozen=True, slots=True)
class Routed:
    """The replies of one arm under one policy, one entry a reply."""

    kind: Places
    """Place in `Names.kinds`."""
    zone: Places
    lane: Places
    pool: Places
    seen: Numbers
    """Chance that a person sees it."""
    wrong: Numbers

    @property
    def alone(self) -> Numbers:
        """1 where it runs before anybody sees it."""
        return (self.lane < 2).astype(np.float64)

    def matrix(self, names: Names, cases: Places, n_cases: int) -> Numbers:
        """Return for each case the mean over its replies of: lanes, wrong and alone, what people see by type, by pool."""
        rows = np.zeros((len(self.lane), names.width))
        at, n_kinds = np.arange(len(rows)), len(names.kinds)
        rows[at, self.lane] = 1.0
        rows[:, N_LANES] = self.alone * self.wrong
        after = self.seen * self.alone
        parts = (self.seen * self.wrong, self.seen * (1 - self.wrong), after * self.wrong, after * (1 - self.wrong))  # fmt: skip
        for number, values in enumerate(parts):
            rows[at, N_LANES + 1 + number * n_kinds + self.kind] = values
        rows[at, names.by_pool.start + self.pool] = self.seen
        return mean_by(rows, cases, n_cases)


def mean_by(rows: Numbers, places: Places, size: int) -> Numbers:
    """Return the mean of the rows of each place."""
    counts = np.bincount(places, minlength=size)
    if len(places) == size and np.all(counts == 1):
        found = np.empty_like(rows)
        found[places] = rows
        return found
    sums = np.zeros((size, *rows.shape[1:]))
    np.add.at(sums, places, rows)
    return sums / counts.reshape(-1, *(1,) * (rows.ndim - 1))


def route(
    replies: Sequence[RoutedReply], policy: Policy, at: datetime, since: datetime, names: Names
) -> Routed:
    """Ask a policy about replies at a time, by a model that is at work since then.

    A reply that nobody could grade is taken as wrong of a model that begins its work, and as right of any other.
    """
    size = len(replies)
    columns = decision_columns(replies, since)
    table = policy.lanes(columns, at)
    first = is_first(table.lane)
    unknown = 1.0 if since >= at else 0.0
    grades = [unknown if one.is_right is None else float(not one.is_right) for one in replies]
    return Routed(
        kind=_places([one.action_type for one in replies], names.kinds),
        zone=_places(table.zone.tolist(), ZONES),
        lane=_places(table.lane.tolist(), LANES),
        pool=_places(table.pool.tolist(), names.pools),
        seen=np.where(first, 1.0, table.audit_rate),
        wrong=np.array(grades, dtype=np.float64).reshape(size),
    )


def unasked_rules(policy: Policy, replies: Sequence[RoutedReply]) -> tuple[RuleFields, ...]:
    """Return the rules of a policy that ask for a field which no reply has."""
    known = {"decision_id", "at", "model_active_since", "resolved_model"}
    content: set[str] = set()
    for one in replies:
        known |= {name for name, value in one.fields.items() if value is not None}
        content |= {name for name, value in one.content.items() if value is not None}
        known |= {name for name in ("action_type", "confidence", "risk", "failure") if getattr(one, name) is not None}  # fmt: skip
    # Content never stands in for a field of the decision itself.
    known |= {name for name in content if name not in RESERVED}
    known |= {f"content.{name}" for name in content}
    return tuple(
        rule for rule in rule_fields(policy.lane_rules) if not known.issuperset(rule.fields)
    )


def without_unasked(policy: Policy, unasked: Sequence[RuleFields]) -> Policy:
    """Return a policy without those of its rules that have one of some names."""
    gone = {one.name for one in unasked}
    rules = [one for one in rule_fields(policy.lane_rules) if one.name in gone]
    return without_rules(policy, rules) if rules else policy


def decision_columns(
    replies: Sequence[RoutedReply], since: datetime
) -> dict[str, npt.NDArray[np.object_]]:
    """Return replies as columns that a policy takes, by a model that is at work since a time."""
    named = dict.fromkeys(name for one in replies for name in one.fields)
    values: dict[str, list[object]] = {
        name: [one.fields.get(name) for one in replies] for name in named
    }
    values |= {
        "decision_id": [f"{one.case}#{number}" for number, one in enumerate(replies)],
        "action_type": [one.action_type for one in replies],
        "confidence": [one.confidence for one in replies],
        "model_active_since": [since] * len(replies),
        "content": [one.content for one in replies],
    }
    for name in ("risk", "failure"):
        found = [getattr(one, name) for one in replies]
        if any(value is not None for value in found):
            values[name] = found
    return {name: _objects(found) for name, found in values.items()}


def _objects(values: Sequence[object]) -> npt.NDArray[np.object_]:
    # Item by item: numpy would look into mappings and texts.
    found = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        found[place] = value
    return found


def _places(values: Sequence[object], words: Sequence[object]) -> Places:
    place = {word: number for number, word in enumerate(words)}
    return np.array([place[value] for value in values], dtype=np.int64)
