"""What bursts do to a line: each pool's decisions in the order in which they came."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hitl.policy.replay.misses import CONFIDENCE
from hitl.policy.replay.tally import Minutes, Pool
from hitl.policy.replay.volume import hour_of_week
from hitl.stats.interval import Interval
from hitl.stats.proportion import exact_interval
from hitl.stats.queueing import waits_in_turn

_MINUTE = 60.0
_SETTLED = 1e-6
"""Seconds by which rounding may make a wait longer."""


@dataclass(frozen=True, slots=True)
class Bursts:
    """Shares that wait longer than the SLA, as the log has them come."""

    busiest: Interval
    """In the busiest hour of the week."""
    all: Interval


def logged_bursts(
    minutes: Mapping[tuple[Pool, int], Minutes],
    pool: Pool,
    members: int,
    seconds: float,
    within: float,
    busiest: int,
) -> Bursts | None:
    """Return how many of a pool's decisions would wait too long if each took the mean time; None without any.

    Times are taken to the minute, at its beginning, so a wait may come out up to a minute too long.

    Args:
        minutes: decisions by pool and hour, minute by minute.
        pool: whose.
        members: who take from one line.
        seconds: time of one decision.
        within: longest wait, in seconds.
        busiest: hour of the week.
    """
    hours = sorted(hour for name, hour in minutes if name == pool)
    n = [0, 0]
    late = [0, 0]
    times = _times(minutes, pool, hours)
    waits = waits_in_turn(_times(minutes, pool, hours), members, seconds)
    for time, wait in zip(times, waits, strict=True):
        is_busiest = hour_of_week(int(time // 3600)) == busiest
        n[is_busiest] += 1
        late[is_busiest] += wait > within + _SETTLED
    if not n[True]:
        return None
    return Bursts(
        exact_interval(late[True], n[True], CONFIDENCE),
        exact_interval(sum(late), sum(n), CONFIDENCE),
    )


def _times(
    minutes: Mapping[tuple[Pool, int], Minutes], pool: Pool, hours: list[int]
) -> Iterator[float]:
    for hour in hours:
        for minute, count in enumerate(minutes[pool, hour]):
            for _ in range(count):
                yield (hour * 60 + minute) * _MINUTE
