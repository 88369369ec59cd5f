"""The baseline's traffic as counts: what comes when, where it goes, and what people do with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hitl.decisions.pace import Pace
from hitl.policy.lanes import LANES, ZONES
from hitl.stats.counts import Numbers

Kind = str | None
Pool = str | None
Weekdays = npt.NDArray[np.int64]

N_LANES = len(LANES)
N_ZONES = len(ZONES)
WRONG, RIGHT = 0, 1
LEAST_SAME = 0.95
"""Share of logged lanes that must be those of the policy for rates of the log to speak of the policy."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What people did with decisions that they looked at, by action type; columns are wrong and right."""

    overridden: Numbers
    """Modified or rejected ones among `labelled`; types by two."""
    labelled: Numbers
    """Decisions with a label on which a person acted."""
    any_overridden: Numbers
    """Modified or rejected ones, with or without a label."""
    any_acted: Numbers
    """Decisions on which a person acted."""
    effect: float = 1.0
    """Design effect of people: so many of their decisions say as much as one independent one."""


@dataclass(frozen=True, slots=True)
class Known:
    """One rate of the previous model as the log has it, or why it cannot be said."""

    estimate: float | None
    low: float | None = None
    high: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Traffic:
    """What the previous model decided in the time of the baseline, under the policy of the release.

    Arrays over D days, T action types, 3 zones of confidence and P pools.
    """

    kinds: tuple[Kind, ...]
    """Action types; None where the log does not say."""
    pools: tuple[Pool, ...]
    """Pools to which the policy sends anything."""
    daily: Numbers
    """D x T x 3: decisions by day, type and zone of the confidence; one day where the log has no times."""
    routed: Numbers
    """D x T x (4 + P): decisions by lane, then decisions that each pool would be expected to look at."""
    hourly: Numbers
    """T x 168: decisions by hour of the week, UTC; those without a time are in none."""
    times: Numbers
    """168: how often the log covers each hour of the week; all 0 where no decision has a time."""
    weeks: float | None
    """Weeks that the log covers."""
    weekdays: Weekdays
    """D: day of the week of each day, 0 is Monday; empty where the log has no times."""
    behaviour: Behaviour
    """What people did."""
    escaped: Numbers
    """T x 2: labels (wrong, all) that would say as much of decisions that ran alone as those of the log; NaN where none
    speak."""
    paces: Mapping[Pool, Pace]
    """Review times by pool."""
    observed: Mapping[str, Known] = field(default_factory=dict)
    """Rates of the log, by the names of `Outlook`, lanes as `lane.auto`."""
    confidence: float = 0.95
    """Two-sided confidence of `observed`."""
    same_lane: float | None = None
    """Share of the decisions whose logged lane is the one that the policy gives; None where the log has no lanes."""
    cost_usd: float | None = None
    """Mean cost of the model for a decision."""
    hourly_cost_usd: float | None = None
    """Cost of an hour of review."""
    sources: tuple[str, ...] = ()
    """Files and tables."""
    digest: str = ""
    """SHA-256 of the counts as canonical JSON."""
    notes: tuple[str, ...] = ()
    """What limits what the traffic says."""
    problem: str = ""
    """Why nothing can be made of it."""

    @property
    def n(self) -> int:
        """Decisions."""
        return int(self.daily.sum())

    @property
    def speaks(self) -> bool:
        """Whether rates of the log speak of the policy: its lanes are those that the policy gives."""
        return self.same_lane is not None and self.same_lane >= LEAST_SAME

    @property
    def has_times(self) -> bool:
        """Whether the log says when decisions were made."""
        return bool(np.any(self.times > 0))
