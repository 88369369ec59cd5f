"""What one policy does with the decisions of a log, counted batch by batch; no row is kept."""

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from hitl.decisions.rows import Batch
from hitl.decisions.words import HumanAction
from hitl.policy.lanes import PERSON_FIRST, Lane
from hitl.policy.people import WhenLate
from hitl.policy.replay.fields import RuleFields, missing_rows, policy_columns
from hitl.policy.schema import Policy
from hitl.policy.table import LaneTable

HOUR_US = 3_600_000_000
MINUTE_US = 60_000_000
NO_TIME = -1
"""Hour of a decision of which nobody knows when it was made."""
UNKNOWN_PROBABILITY = -1
"""Thousandths of a review probability that the log does not say."""

_NO_SLA = -1.0

Minutes: TypeAlias = "array[int]"
Pool = str | None
Kind = str | None
Objects = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class PolicyTally:
    """Whole numbers only, so that they do not depend on how the log was cut."""

    lanes: Counter[tuple[Kind, Lane]] = field(default_factory=Counter)
    """Decisions by action type and lane."""
    audited: Counter[Kind] = field(default_factory=Counter)
    """Decisions that run and were drawn for an audit, by action type."""
    load: Counter[tuple[Pool, int, bool]] = field(default_factory=Counter)
    """Decisions for a person by pool, hour since 1970, and whether they wait for it before they run."""
    minutes: dict[tuple[Pool, int], Minutes] = field(default_factory=dict)
    """The same decisions by pool and hour, one count for each minute of it; none of those without a time."""
    alone: Counter[tuple[Kind, int, bool | None]] = field(default_factory=Counter)
    """Decisions that run alone by action type, thousandths of the review probability, and label."""
    waits: Counter[tuple[Lane, Pool, float | None, WhenLate | None, bool | None]] = field(default_factory=Counter)  # fmt: skip
    """Decisions for a person by lane, pool, longest wait in minutes, what happens then, and whether the logged wait
    was longer; None where the log does not say."""
    unread: Counter[str] = field(default_factory=Counter)
    """Decisions that lack a field of a rule, by the rule's name."""
    because: Counter[Kind] = field(default_factory=Counter)
    """Decisions for a person first that would run if the rules that nothing can be said of were not there."""


class Replayer:
    """Asks one policy about batch after batch."""

    def __init__(
        self, policy: Policy, rules: tuple[RuleFields, ...], bare: Policy | None = None
    ) -> None:
        """Take a policy, its rules, and the policy without the rules of which the log has no field."""
        self._policy = policy
        self._rules = rules
        self._bare = bare
        self.tally = PolicyTally()

    def take(self, batch: Batch) -> LaneTable:
        """Count a batch, and return its lanes."""
        columns = policy_columns(batch)
        table = self._policy.lanes(columns)
        first = is_first(table.lane)
        kinds = batch["action_type"].tolist()
        self.tally.lanes.update(zip(kinds, table.lane.tolist(), strict=True))
        after = ~first & table.is_audited
        self.tally.audited.update(batch["action_type"][after].tolist())
        seen = first | after
        hours = hours_of(batch["at_us"])
        self.tally.load.update(zip(table.pool[seen].tolist(), hours[seen].tolist(), first[seen].tolist(), strict=True))  # fmt: skip
        self._minutes(table.pool[seen], batch["at_us"][seen])
        self._alone(batch, ~first)
        self._waits(batch, table, seen)
        for rule in self._rules:
            lacks = np.any([missing_rows(batch, columns, name) for name in rule.fields], axis=0)
            self.tally.unread[rule.name] += int(lacks.sum())
        if self._bare is not None:
            caused = first & ~is_first(self._bare.lanes(columns).lane)
            self.tally.because.update(batch["action_type"][caused].tolist())
        return table

    def _minutes(self, pools: Objects, moments: Objects) -> None:
        hours, of = np.divmod(hours_of(moments, MINUTE_US), 60)
        known = ~np.isnat(moments)
        keys = zip(pools[known].tolist(), hours[known].tolist(), of[known].tolist(), strict=True)
        for (pool, hour, minute), n in Counter(keys).items():
            if (pool, hour) not in self.tally.minutes:
                self.tally.minutes[pool, hour] = array("L", [0] * 60)
            self.tally.minutes[pool, hour][minute] += n

    def _alone(self, batch: Batch, alone: npt.NDArray[np.bool_]) -> None:
        chances = thousandths(batch["review_probability"])
        keys = zip(batch["action_type"][alone].tolist(), chances[alone].tolist(),
                   batch["correct"][alone].tolist(), strict=True)  # fmt: skip
        self.tally.alone.update(keys)

    def _waits(self, batch: Batch, table: LaneTable, seen: npt.NDArray[np.bool_]) -> None:
        promised = np.where(np.isnan(table.sla_minutes), _NO_SLA, table.sla_minutes)[seen]
        keys = list(zip(table.lane[seen].tolist(), table.pool[seen].tolist(), promised.tolist(), strict=True))  # fmt: skip
        rules = {key: self._limit(*key) for key in set(keys)}
        limits = np.array([rules[key][0] for key in keys], dtype=np.float64)
        minutes = batch["wait_seconds"][seen] / 60.0
        late = (minutes > limits).astype(object)
        late[np.isnan(minutes) | np.isnan(limits)] = None
        late[batch["human_action"][seen] == HumanAction.TIMEOUT] = True
        for (key, is_late), n in Counter(zip(keys, late.tolist(), strict=True)).items():
            lane, pool, _ = key
            limit, then = rules[key]
            self.tally.waits[lane, pool, None if np.isnan(limit) else limit, then, is_late] += n

    def _limit(self, lane: Lane, pool: Pool, promised: float) -> tuple[float, WhenLate | None]:
        """Return the longest wait in minutes, NaN for none, and what happens then; the lane's own word goes before the pool's."""
        timeouts = self._policy.timeouts
        found = timeouts.get(lane) or (timeouts.get(pool) if pool is not None else None)
        limit = np.nan if promised == _NO_SLA else promised
        if found is None:
            return limit, None
        return limit if found.after_minutes is None else found.after_minutes, found.then


def logged_load(batch: Batch) -> Counter[tuple[Pool, int, bool]]:
    """Return what people saw by the log's own account, as `PolicyTally.load` has it."""
    first = is_first(batch["lane"])
    seen = first | np.array([one is not None for one in batch["human_action"]], dtype=bool)
    hours = hours_of(batch["at_us"])
    return Counter(zip(batch["reviewer_pool"][seen].tolist(), hours[seen].tolist(), first[seen].tolist(), strict=True))  # fmt: skip


def is_first(lanes: Objects) -> npt.NDArray[np.bool_]:
    """Return where a person decides before anything happens."""
    return np.isin(lanes.astype(str), [str(lane) for lane in PERSON_FIRST])


def hours_of(moments: Objects, unit: int = HOUR_US) -> npt.NDArray[np.int64]:
    """Return whole hours, or other units of so many microseconds, since 1970 in UTC."""
    hours: npt.NDArray[np.int64] = moments.astype("datetime64[us]").astype(np.int64) // unit
    return np.where(np.isnat(moments), NO_TIME, hours)


def thousandths(shares: Objects) -> npt.NDArray[np.int64]:
    """Return shares to the nearest thousandth."""
    known = np.nan_to_num(shares.astype(np.float64), nan=0.0)
    rounded = np.floor(known * 1000 + 0.5).astype(np.int64)
    return np.where(np.isnan(shares.astype(np.float64)), UNKNOWN_PROBABILITY, rounded)
