"""Capacity: can reviewers keep up with what a policy sends them?"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from hitl.decisions.pace import FINEST, Pace, review_paces
from hitl.policy.capacity.bursts import Bursts, logged_bursts
from hitl.policy.capacity.parts import Capacity, LinePart, LineState, PoolCapacity
from hitl.policy.people import Pool
from hitl.policy.replay.misses import CONFIDENCE
from hitl.policy.replay.over_log import Replayed
from hitl.policy.replay.tally import NO_TIME
from hitl.policy.replay.volume import WEEK, Span, hour_of_week
from hitl.stats.events import event_rate
from hitl.stats.interval import Interval
from hitl.stats.queueing import Unstable, line, most_arrivals, servers_enough
from hitl.stats.ratio import clustered_mean

WITHIN = 0.95
"""Share of decisions that has to be looked at within the SLA."""
FEWEST_REVIEWS = 30
"""Fewer review times say too little of how long a review takes, and how much that varies."""
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class _Week:
    """Decisions for one pool by hour of the week."""

    counts: Counter[int]
    span: Span

    def rate(self, hour: int) -> float:
        times = self.span.times(hour)
        return self.counts[hour] / times if times else 0.0

    @property
    def busiest(self) -> int:
        return min(range(WEEK), key=lambda hour: (-self.rate(hour), hour))

    @property
    def mean(self) -> float:
        return self.counts.total() / self.span.hours

    def bound(self, hour: int) -> Interval:
        return event_rate(self.counts[hour], max(1, self.span.times(hour)), CONFIDENCE)


@dataclass(frozen=True, slots=True)
class _Crew:
    """Who looks, how long one decision takes each of them, and how much that varies."""

    members: int
    seconds: float
    slowest: float
    """The same at the upper limit of the measured time."""
    cv2: float

    @property
    def per_hour(self) -> float:
        return self.members * _HOUR / self.seconds


def capacity_document(found: Replayed) -> Capacity:
    """Return how each pool stands under the first policy of a replay.

    Decisions that a person looks at afterwards count as work as those that wait for one do. Arrivals within an hour are
    taken as Poisson and as steady, and members as always there, alike, and as taking turns in one line.
    """
    asked, tally, span = found.asked[0], found.tallies[0], found.span
    rules = asked.policy.lane_rules
    paces = review_paces(found.staged.log)
    loads: dict[str | None, Counter[int]] = {name: Counter() for name in rules.pools}
    for (pool, hour, _), n in tally.load.items():
        loads.setdefault(pool, Counter())[hour] += n
    lacking = tuple(rule.name for rule in asked.lacking)
    return Capacity(
        format="hitl/policy-capacity/v1",
        policy_id=rules.name,
        policy_version=rules.version,
        sources=tuple(name for part in found.staged.log.parts for name in part.names),
        n=found.staged.n,
        n_hours=span.hours if span else 0,
        n_quiet_hours=span.quiet_hours if span else 0,
        confidence=CONFIDENCE,
        within_share=WITHIN,
        set_aside=lacking if asked.sets_aside else (),
        unread=() if asked.sets_aside else lacking,
        pools=tuple(_pool(found, span, name, loads[name], paces.get(name)) for name in loads),
    )


def _pool(
    found: Replayed, span: Span | None, name: str | None, hours: Counter[int], pace: Pace | None
) -> PoolCapacity:
    rules = found.asked[0].policy.lane_rules
    minutes = found.tallies[0].minutes
    pool = rules.pools.get(name) if name is not None else None
    known: dict[str, Any] = {
        "pool": name,
        "members": len(set(pool.members)) if pool else 0,
        "stated_per_hour": pool.capacity_per_hour if pool else None,
        "sla_minutes": rules.sla(max(1, rules.level(name)), name) if pool else None,
        "n_decisions": hours.total(),
    }
    known |= _measured(pace, known["members"])
    problem = _problem(pool, known, hours, span)
    if problem or pool is None or pace is None or span is None:
        return PoolCapacity(**known, state=LineState.UNMEASURED, reason=problem)
    crew = _crew(pool, pace, known["members"], known["review_seconds_high"])
    counts: Counter[int] = Counter()
    for hour, n in hours.items():
        counts[hour_of_week(hour)] += n
    week, sla = _Week(counts, span), known["sla_minutes"]
    bursts = logged_bursts(minutes, name, crew.members, crew.seconds, sla * 60, week.busiest)
    return PoolCapacity(**known, **_with_bursts(_found(week, crew, sla), bursts))


def _with_bursts(found: dict[str, Any], bursts: Bursts | None) -> dict[str, Any]:
    """Add what bursts do; they can only make it worse."""
    if bursts is None:
        return found
    added: dict[str, Any] = {
        "logged_late_busiest": bursts.busiest.estimate,
        "logged_late": bursts.all.estimate,
    }
    worse = max(bursts.busiest, bursts.all, key=lambda one: one.low)
    late = max(bursts.busiest.estimate, bursts.all.estimate)
    if found["state"] not in (LineState.WITHIN, LineState.UNDECIDED) or late <= 1.0 - WITHIN:
        return found | added
    added["state"] = LineState.LATE if worse.low > 1.0 - WITHIN else LineState.UNDECIDED
    reason = f"decisions come in bursts: as logged, {late:.0%} of its decisions, or of those of its busiest hour, wait longer than the SLA"
    return found | added | {"reason": "; ".join(filter(None, (found["reason"], reason)))}


def _measured(pace: Pace | None, members: int) -> dict[str, Any]:
    if pace is None:
        return {}
    n = int(pace.n.sum())
    found = clustered_mean(pace.sums, pace.n, CONFIDENCE, pace.squares)
    low, high = (found.interval.low, found.interval.high) if found.interval else (None, None)
    return {
        "n_reviews": n,
        "review_seconds": found.estimate,
        "review_seconds_low": None if low is None else max(0.0, low),
        "review_seconds_high": high,
        "measured_per_hour": members * _HOUR / found.estimate if found.estimate >= FINEST else None,
        "cv2": pace.cv2,
    }


def _problem(
    pool: Pool | None, known: dict[str, Any], hours: Counter[int], span: Span | None
) -> str:
    """Return why nothing can be said of a pool; empty if it can."""
    n_reviews = known.get("n_reviews", 0)
    problems = {
        "nobody is named for these decisions; add `pool` to their action type": known["pool"] is None,
        "the policy describes no such pool; add it under `pools`": pool is None,
        "no members, so nobody looks; add `members`": not known["members"],
        "no capacity_per_hour, so nobody knows what it can carry; add it": not known["stated_per_hour"],
        "no SLA, so nobody knows what is too late; add sla_minutes": known["sla_minutes"] is None,
        "no decision of the log has a time": span is None,
        f"{hours[NO_TIME]:,} of its decisions have no time": bool(hours[NO_TIME]),
        f"{n_reviews} measured review times, fewer than {FEWEST_REVIEWS}; log review_seconds": n_reviews < FEWEST_REVIEWS,
        "its review times are 0": known.get("review_seconds", 0.0) < FINEST,
        "its review times have no limits, because they show no spread": known.get("review_seconds_high") is None,
    }  # fmt: skip
    return next((text for text, holds in problems.items() if holds), "")


def _crew(pool: Pool, pace: Pace, members: int, high: float) -> _Crew:
    stated = members * _HOUR / (pool.capacity_per_hour or 1.0)
    return _Crew(
        members, max(stated, pace.mean), max(stated, high), 1.0 if pace.cv2 is None else pace.cv2
    )


def _found(week: _Week, crew: _Crew, sla: float) -> dict[str, Any]:
    hour, is_whole = week.busiest, all(week.span.times(one) for one in range(WEEK))
    bound = week.bound(hour)
    most = most_arrivals(crew.members, crew.seconds, sla * 60, WITHIN, crew.cv2) * _HOUR
    worst = _line(crew.members, bound.high, crew.slowest, crew.cv2)
    varying = _line(crew.members, bound.estimate, crew.seconds, crew.cv2)
    return {
        "state": _state(varying, worst, sla, is_whole_week=is_whole),
        "reason": "" if is_whole else "the log covers less than a whole week, so the busiest hour may not be in it",
        "service_seconds": crew.seconds,
        "busiest": f"{_DAYS[hour // 24]} {hour % 24:02d}:00",
        "busiest_n": week.counts[hour],
        "busiest_hours": week.span.times(hour),
        "arrivals_low": bound.low,
        "arrivals_high": bound.high,
        "erlang_c": _line(crew.members, bound.estimate, crew.seconds, 1.0),
        "varying": varying,
        "worst": worst,
        "mean": _line(crew.members, week.mean, crew.seconds, crew.cv2),
        "hours_over": sum(week.rate(one) >= crew.per_hour for one in range(WEEK)),
        "largest_backlog": _backlog(week, crew),
        "most_per_hour": most,
        "share_to_leave": max(0.0, 1.0 - most / bound.estimate) if bound.estimate else 0.0,
        "members_enough": servers_enough(bound.estimate / _HOUR, crew.seconds, sla * 60, WITHIN, crew.cv2),
    }  # fmt: skip


def _state(found: LinePart, worst: LinePart, sla: float, *, is_whole_week: bool) -> LineState:
    if found.grows or found.p95_wait_minutes is None:
        return LineState.GROWS
    if found.p95_wait_minutes > sla:
        return LineState.LATE
    is_safe = worst.p95_wait_minutes is not None and worst.p95_wait_minutes <= sla
    return LineState.WITHIN if is_safe and is_whole_week else LineState.UNDECIDED


def _line(members: int, per_hour: float, seconds: float, cv2: float) -> LinePart:
    found = line(members, per_hour / _HOUR, seconds, cv2)
    if isinstance(found, Unstable):
        return LinePart(arrivals_per_hour=per_hour, utilisation=found.utilisation, grows=True)
    return LinePart(
        arrivals_per_hour=per_hour,
        utilisation=found.utilisation,
        grows=False,
        chance_of_waiting=found.chance_of_waiting,
        mean_wait_minutes=found.mean_wait / 60,
        p95_wait_minutes=found.quantile(0.95) / 60,
        queue_length=found.queue_length,
    )


def _backlog(week: _Week, crew: _Crew) -> float | None:
    """Return what is left over at the end of the worst hour; None where a whole week brings more than can be done."""
    if sum(week.rate(hour) for hour in range(WEEK)) >= WEEK * crew.per_hour:
        return None
    left = most = 0.0
    # The second round begins with what the first left over.
    for hour in (*range(WEEK), *range(WEEK)):
        left = max(0.0, left + week.rate(hour) - crew.per_hour)
        most = max(most, left)
    return most
