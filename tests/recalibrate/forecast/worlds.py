"""Worlds whose truth is known: a workflow, its log under the previous model, and both models on golden cases.

Lanes are worked out here by plain comparisons, and not by hitl, so that truth does not rest on what is tested.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from hitl.decisions.pace import Pace
from hitl.policy import Policy
from hitl.policy.action import Never
from hitl.policy.replay.volume import WEEK
from hitl.recalibrate.forecast.replies import RoutedArms, RoutedReply
from hitl.recalibrate.forecast.traffic import Behaviour, Known, Traffic
from hitl.stats.ratio import plain_rate
from tests.policy.policies import a_policy, a_type

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
KINDS = ("annotate", "reply", "route", "hold")
MIX = np.array([0.4, 0.3, 0.2, 0.1])
AUTO, REVIEW = 0.8, 0.5
AUDIT = 0.1
DAYS = 28
PER_DAY = 250.0
PEOPLE = 20
POOLS = ("triage", "experts")
SECONDS = 120.0
"""Mean time of a review."""
CAPACITY = 60
"""Decisions that the first pool can look at in an hour; its eight members need longer than a review takes."""

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Model:
    """How a model states its confidence, and how often it is wrong."""

    doubt: float
    """Confidence is 1 less a uniform draw to the power of one over this: more is less sure."""
    error: float
    """Chance of an error at full confidence."""
    slope: float
    """What is added to it at none."""


OLD = Model(doubt=0.35, error=0.012, slope=0.047)
NEW = Model(doubt=0.5, error=0.004, slope=0.25)
"""Less sure, and wrong three times as often: overrides go from 4 % to 12 %."""
CAUGHT, ALARMED = 0.85, 0.008
"""Chance that a person overrides what is wrong, and what is right."""


def workflow(limits: Mapping[str, float | Never] | None = None, **changes: object) -> Policy:
    """Return the policy of the worlds: the last type is of high risk, and the unsure part of it goes to experts."""
    types = {}
    for kind in KINDS:
        auto = AUTO if limits is None else limits[kind]
        review = REVIEW if auto == "never" else min(REVIEW, auto)
        risk = "high" if kind == KINDS[3] else "medium"
        types[kind] = a_type(
            risk=risk, thresholds={"auto": auto, "review": review}, audit_rate=AUDIT
        )
    members = [f"p{number}" for number in range(8)]
    pools = {
        "triage": {"members": members, "capacity_per_hour": CAPACITY, "tier": 1, "sla_minutes": 60},
        "experts": {"members": members[:3], "capacity_per_hour": 12, "tier": 2, "sla_minutes": 240},
    }
    matrix = {
        "medium": {"high_confidence": "auto", "medium_confidence": "queue", "low_confidence": "queue"},
        "high": {"high_confidence": "audit", "medium_confidence": "queue", "low_confidence": "escalate"},
    }  # fmt: skip
    parts: dict[str, object] = {"action_types": types, "pools": pools, "risk_matrix": matrix}
    return a_policy(**(parts | changes))


@dataclass(frozen=True)
class Decided:
    """Decisions of one model on some inputs."""

    kind: npt.NDArray[np.int64]
    confidence: Numbers
    wrong: Flags

    @property
    def zone(self) -> npt.NDArray[np.int64]:
        """0 from `auto` up, 2 below `review`."""
        return np.where(self.confidence >= AUTO, 0, np.where(self.confidence >= REVIEW, 1, 2))

    @property
    def lane(self) -> npt.NDArray[np.int64]:
        """In the order of the lanes."""
        high = np.where(self.kind == 3, 1, 0)
        low = np.where((self.kind == 3) & (self.zone == 2), 3, 2)
        return np.where(self.zone == 0, high, low)

    @property
    def alone(self) -> Flags:
        """Runs before a person sees it."""
        return np.less(self.lane, 2)

    @property
    def seen(self) -> Numbers:
        """Chance that a person sees it."""
        return np.where(self.alone, AUDIT, 1.0)


def decide(
    models: tuple[Model, ...], n: int, rng: np.random.Generator, alike: float = 0.6
) -> list[Decided]:
    """Return what models decide on the same inputs; what is hard for one is often hard for the other."""
    kind = rng.choice(len(KINDS), size=n, p=MIX)
    hard, slip = rng.random(n), rng.random(n)
    found = []
    for model in models:
        own = np.where(rng.random(n) < alike, hard, rng.random(n))
        chance = np.where(rng.random(n) < alike, slip, rng.random(n))
        doubt = own ** (1.0 / model.doubt)
        confidence = np.round(1.0 - doubt, 4)
        wrong = chance < model.error * (1.0 + 0.3 * kind) + model.slope * doubt
        found.append(Decided(kind, confidence, wrong))
    return found


def truth(decided: Decided) -> dict[str, float]:
    """Return the rates of a very long run, by the names of `Outlook`."""
    wrong, seen, alone = decided.wrong, decided.seen, decided.alone
    overrides = np.where(wrong, CAUGHT, ALARMED)
    lanes = {f"lane.{name}": float(np.mean(decided.lane == place)) for place, name in enumerate(("auto", "audit", "queue", "escalate"))}  # fmt: skip
    return lanes | {
        "override_rate": float((seen * overrides).sum() / seen.sum()),
        "escalation_rate": float(np.mean(~alone)),
        "auto_resolve_rate": float(np.mean(alone * (1.0 - seen * overrides))),
        "error_escape_rate": float(wrong[alone].mean()),
        "reviews_per_week": float(seen.mean()) * PER_DAY * 7,
        "reviewer_hours_per_week": float(seen.mean()) * PER_DAY * 7 * SECONDS / 3600,
    }


def busy(decided: Decided, hour: int) -> float:
    """Return the work over the capacity of the first pool in an hour of the day, of a very long run."""
    share = float((decided.seen * (decided.lane != 3)).mean())
    return PER_DAY * float(binom.pmf(hour, 23, 0.5)) * share / CAPACITY


def log_of(rng: np.random.Generator, people_sd: float = 0.3) -> Traffic:
    """Return four weeks under the previous model, as `read_traffic` would count them."""
    sizes = rng.poisson(PER_DAY * rng.gamma(40.0, 1 / 40.0, size=DAYS))
    n = int(sizes.sum())
    (old,) = decide((OLD,), n, rng)
    day = np.repeat(np.arange(DAYS), sizes)
    hour = np.minimum(23, rng.binomial(23, 0.5, size=n))
    seen = rng.random(n) < old.seen
    person = rng.integers(0, PEOPLE, size=n)
    care = np.clip(rng.normal(1.0, people_sd / 3, size=PEOPLE), 0.7, 1.15)
    habit = rng.gamma(1 / people_sd**2, people_sd**2, size=PEOPLE)
    overrides = rng.random(n) < np.where(old.wrong, CAUGHT * care[person], ALARMED * habit[person])
    daily = np.zeros((DAYS, len(KINDS), 3))
    np.add.at(daily, (day, old.kind, old.zone), 1.0)
    routed = np.zeros((DAYS, len(KINDS), 4 + len(POOLS)))
    np.add.at(routed, (day, old.kind, old.lane), 1.0)
    np.add.at(routed, (day, old.kind, 4 + (old.lane == 3)), old.seen)
    hourly = np.zeros((len(KINDS), WEEK))
    np.add.at(hourly, (old.kind, day % 7 * 24 + hour), 1.0)
    return Traffic(
        kinds=KINDS,
        pools=POOLS,
        daily=daily,
        routed=routed,
        hourly=hourly,
        times=np.full(WEEK, DAYS / 7),
        weeks=DAYS / 7,
        weekdays=np.arange(DAYS) % 7,
        behaviour=_behaviour(old, seen, overrides, person),
        escaped=np.stack([_count(old.kind, old.alone & seen & old.wrong), _count(old.kind, old.alone & seen)], axis=1),
        paces={name: _pace(rng) for name in POOLS},
        observed=_observed(old, seen, overrides),
        same_lane=1.0,
        cost_usd=0.01,
        hourly_cost_usd=40.0,
        sources=("log.parquet",),
    )  # fmt: skip


def _count(kind: npt.NDArray[np.int64], which: Flags) -> Numbers:
    return np.bincount(kind[which], minlength=len(KINDS)).astype(np.float64)


def _behaviour(
    old: Decided, seen: Flags, overrides: Flags, person: npt.NDArray[np.int64]
) -> Behaviour:
    k = [_count(old.kind, seen & overrides & which) for which in (old.wrong, ~old.wrong)]
    n = [_count(old.kind, seen & which) for which in (old.wrong, ~old.wrong)]
    excess = expected = 0.0
    for which in (old.wrong, ~old.wrong):
        rows = seen & which
        sizes = np.bincount(person[rows], minlength=PEOPLE)
        hits = np.bincount(person[rows & overrides], minlength=PEOPLE)
        rate = hits.sum() / sizes.sum()
        excess += float(((hits - sizes * rate) ** 2).sum()) * PEOPLE / (PEOPLE - 1)
        expected += float(sizes.sum() * rate * (1 - rate))
    return Behaviour(
        np.stack(k, axis=1), np.stack(n, axis=1), k[0] + k[1], n[0] + n[1], max(1.0, excess / expected)
    )  # fmt: skip


def _pace(rng: np.random.Generator) -> Pace:
    n = rng.integers(40, 200, size=10)
    mean = SECONDS * rng.gamma(50, 1 / 50, size=10)
    return Pace(n, n * mean, n * 2.0 * mean * mean)


def _observed(old: Decided, seen: Flags, overrides: Flags) -> dict[str, Known]:
    def rate(events: Flags, trials: Flags) -> Known:
        found = plain_rate(int((events & trials).sum()), int(trials.sum())).interval
        return Known(found.estimate, found.low, found.high)

    everything = np.ones(len(seen), dtype=bool)
    lanes = {f"lane.{name}": rate(old.lane == place, everything) for place, name in enumerate(("auto", "audit", "queue", "escalate"))}  # fmt: skip
    return lanes | {
        "override_rate": rate(overrides, seen),
        "escalation_rate": rate(~old.alone, everything),
        "auto_resolve_rate": rate(old.alone & ~(seen & overrides), everything),
        "error_escape_rate": rate(old.wrong, old.alone & seen),
    }


def golden(models: tuple[Model, Model], n: int, rng: np.random.Generator) -> RoutedArms:
    """Return the replies of both arms to cases drawn from the same traffic."""
    previous, candidate = decide(models, n, rng)
    return RoutedArms(_replies(previous), _replies(candidate))


def _replies(found: Decided) -> tuple[RoutedReply, ...]:
    rows = zip(found.kind.tolist(), found.confidence.tolist(), found.wrong.tolist(), strict=True)
    return tuple(
        RoutedReply(f"c{n}", f"c{n}", KINDS[kind], confidence, not wrong, cost=0.01)
        for n, (kind, confidence, wrong) in enumerate(rows)
    )
