"""How much goes where: lanes by type, work by pool and hour, waits beside their limits."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

from hitl.decisions.source import Log
from hitl.policy.lanes import LANES
from hitl.policy.replay.parts import Late, PoolVolume, TypeLanes
from hitl.policy.replay.tally import HOUR_US, NO_TIME, Kind, PolicyTally, Pool
from hitl.policy.schema import Policy


@dataclass(frozen=True, slots=True)
class Span:
    """Hours since 1970 that a log covers, both ends included."""

    first: int
    last: int
    quiet: "tuple[Span, ...]" = ()
    """Stretches of more than a week without any decision: nothing was logged there, so they are not covered."""

    @property
    def hours(self) -> int:
        """How many hours it covers."""
        return self.last - self.first + 1 - self.quiet_hours

    @property
    def quiet_hours(self) -> int:
        """How many hours lie in stretches without any decision."""
        return sum(one.hours for one in self.quiet)

    def times(self, hour_of_week: int) -> int:
        """Return how often an hour of the week comes; 0 is Monday from midnight, UTC."""
        # 1 January 1970 was a Thursday: hour 0 since then is hour 72 of its week.
        before = (hour_of_week - 72 - self.first) % WEEK
        whole = max(0, (self.last - self.first - before + WEEK) // WEEK)
        return whole - sum(one.times(hour_of_week) for one in self.quiet)


WEEK = 168
"""Hours of a week."""


def hour_of_week(hour: int) -> int:
    """Return the hour of the week of an hour since 1970; 0 is Monday from midnight, UTC.

    >>> hour_of_week(0)
    72
    """
    return (hour + 72) % WEEK


def span_of(log: Log) -> Span | None:
    """Return which hours the usable rows of a log cover; None where none has a time."""
    first, last = log.home.rows("SELECT MIN(at_us), MAX(at_us) FROM staged")[0]
    if first is None:
        return None
    sql = f"""SELECT hour, following FROM (
          SELECT hour, LEAD(hour) OVER (ORDER BY hour) AS following FROM (
            SELECT DISTINCT at_us // {HOUR_US} AS hour FROM staged WHERE at_us IS NOT NULL))
        WHERE following - hour - 1 > {WEEK} ORDER BY hour"""  # noqa: S608  # numbers
    quiet = tuple(Span(hour + 1, following - 1) for hour, following in log.home.rows(sql))
    return Span(first // HOUR_US, last // HOUR_US, quiet)


def iso_hour(hour: int) -> str:
    """Return an hour since 1970.

    >>> iso_hour(0)
    '1970-01-01T00:00Z'
    """
    return f"{datetime.fromtimestamp(hour * 3600, UTC):%Y-%m-%dT%H:%MZ}"


def type_lanes(tally: PolicyTally, policy: Policy) -> tuple[TypeLanes, ...]:
    """Return where each action type goes, most decisions first."""
    sizes: Counter[Kind] = Counter()
    for (kind, _), n in tally.lanes.items():
        sizes[kind] += n
    kinds = sorted(sizes, key=lambda kind: (-sizes[kind], kind is None, kind or ""))
    return tuple(
        TypeLanes(
            action_type=kind,
            is_known=kind in policy.action_types,
            n=sizes[kind],
            lanes={lane: tally.lanes[kind, lane] for lane in LANES},
            shares={lane: tally.lanes[kind, lane] / sizes[kind] for lane in LANES},
            n_audited=tally.audited[kind],
        )
        for kind in kinds
    )


def pool_volumes(
    load: Counter[tuple[Pool, int, bool]], span: Span | None
) -> tuple[PoolVolume, ...]:
    """Return what each pool has to look at, most work first."""
    hours: dict[Pool, Counter[int]] = defaultdict(Counter)
    first: Counter[Pool] = Counter()
    for (pool, hour, is_first), n in load.items():
        hours[pool][hour] += n
        first[pool] += n if is_first else 0
    found = [_volume(pool, counts, first[pool], span) for pool, counts in hours.items()]
    return tuple(sorted(found, key=lambda one: (-one.n_first - one.n_after, one.pool or "")))


def _volume(pool: Pool, counts: Counter[int], n_first: int, span: Span | None) -> PoolVolume:
    timed = {hour: n for hour, n in counts.items() if hour != NO_TIME}
    busiest = min(timed, key=lambda hour: (-timed[hour], hour), default=None)
    return PoolVolume(
        pool=pool,
        n_first=n_first,
        n_after=counts.total() - n_first,
        n_without_time=counts[NO_TIME],
        per_hour=sum(timed.values()) / span.hours if span else None,
        busiest_hour=None if busiest is None else iso_hour(busiest),
        busiest_n=0 if busiest is None else timed[busiest],
    )


def late_parts(tally: PolicyTally) -> tuple[Late, ...]:
    """Return how many logged waits are longer than the policy's limits, the strictest lanes first."""
    counts: dict[tuple[object, ...], Counter[bool | None]] = defaultdict(Counter)
    for (*key, is_late), n in tally.waits.items():
        counts[tuple(key)][is_late] += n
    parts = [
        Late.model_validate(
            {
                **dict(zip(("lane", "pool", "limit_minutes", "then"), key, strict=True)),
                "n_late": of[True],
                "n_in_time": of[False],
                "n_unknown": of[None],
            }
        )
        for key, of in counts.items()
    ]
    return tuple(sorted(parts, key=lambda one: (-LANES.index(one.lane), one.pool or "", one.limit_minutes or 0.0)))  # fmt: skip
