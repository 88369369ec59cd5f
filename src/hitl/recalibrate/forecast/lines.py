"""What a pool would face: its work, and how long decisions wait for it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hitl.decisions.pace import FINEST, Pace
from hitl.policy.capacity.queues import FEWEST_REVIEWS, WITHIN
from hitl.policy.lane import LaneRules
from hitl.policy.replay.volume import WEEK
from hitl.recalibrate.forecast.bounds import Bounded, unsaid
from hitl.recalibrate.forecast.parts import GROWS, HourForecast, PoolForecast, Range
from hitl.recalibrate.forecast.projection import Projected, World
from hitl.recalibrate.forecast.rates import Rates
from hitl.recalibrate.forecast.traffic import Pool, Traffic
from hitl.stats.control import weight_draws
from hitl.stats.counts import Numbers
from hitl.stats.queueing import Unstable, Waiting, line

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS = 24
_HOUR = 3600.0
_FEW_PEOPLE = 5
_NOTHING = 1e-9
_NO_TIMES = "the log does not say when its decisions were made"
_NO_PACE = f"fewer than {FEWEST_REVIEWS} measured review times; log review_seconds"


@dataclass(frozen=True)
class Crew:
    """Who looks at the decisions of one pool, or why nothing can be said of their waiting."""

    pool: Pool
    members: int
    seconds: Numbers | None
    """B: mean time that a review takes; None where nobody measured it."""
    service: Numbers | None
    """B: the same by the slower of what is stated and what was measured."""
    cv2: float
    sla_minutes: float | None
    problem: str


@dataclass(frozen=True)
class DrawnPace:
    """Review times, and B draws of their mean."""

    pace: Pace
    seconds: Numbers
    is_borrowed: bool
    """Whether they are those of all pools together, because the pool has too few of its own."""


def drawn_paces(
    traffic: Traffic, pools: tuple[Pool, ...], n_draws: int, rng: np.random.Generator
) -> dict[Pool, DrawnPace]:
    """Return the review times of each pool; none where the log has too few of all."""
    whole = _together(traffic.paces)
    if whole is None:
        return {}
    borrowed = DrawnPace(whole, _seconds(whole, n_draws, rng), is_borrowed=True)
    found = {}
    for name in pools:
        own = traffic.paces.get(name)
        if own is None or int(own.n.sum()) < FEWEST_REVIEWS:
            found[name] = borrowed
        else:
            found[name] = DrawnPace(own, _seconds(own, n_draws, rng), is_borrowed=False)
    return found


def crews_of(
    rules: LaneRules, pools: tuple[Pool, ...], paces: Mapping[Pool, DrawnPace]
) -> dict[Pool, Crew]:
    """Return who looks at the decisions of each pool under a policy."""
    return {name: _crew(rules, name, paces.get(name)) for name in pools}


def arrivals(world: World, of_kind: Numbers, pool: int) -> Numbers:
    """Return B x 168: decisions an hour for a pool; nothing where the log has no times."""
    drawn = world.drawn
    at_first = np.maximum(drawn.shares[0], 1e-12)
    relative = drawn.volume[:, None] * drawn.shares / at_first
    found: Numbers = (relative * of_kind[:, :, pool]) @ world.hourly
    return found


def pool_forecasts(
    world: World,
    projected: Projected,
    rates: Rates,
    crews: Mapping[Pool, Crew],
    chance: Numbers,
    confidence: float,
) -> tuple[PoolForecast, ...]:
    """Return what each pool would face, those to which nothing goes left out; most work first.

    Arrivals within an hour are taken as Poisson and steady, and members as always there, alike, and as taking turns in
    one line (M/G/c, Allen and Cunneen), as `hitl policy capacity` does.
    """
    found = []
    for place, name in enumerate(world.names.pools):
        if rates.pools.estimate[place] > _NOTHING:
            share = Bounded(rates.pools.low[:, place], rates.pools.high[:, place])
            ratio = ratio_to(share, projected.pools[:, place])
            one = _Line(world, crews[name], share, ratio, chance, confidence)
            found.append(one.forecast(arrivals(world, projected.of_kind, place)))
    return tuple(sorted(found, key=lambda one: (-(one.per_week.estimate or 0.0), one.pool or "")))


def ratio_to(share: Bounded, raw: Numbers) -> Bounded:
    """Return what calibration makes of one; 1 where there was nothing to calibrate."""

    def over(values: Numbers) -> Numbers:
        return np.divide(values, raw, out=np.ones_like(raw), where=raw > _NOTHING)

    return share.mapped(over)


@dataclass(frozen=True)
class _Line:
    """One pool under one policy."""

    world: World
    crew: Crew
    share: Bounded
    """B: of all decisions."""
    ratio: Bounded
    """B: what calibration makes of the arrivals."""
    chance: Numbers
    confidence: float

    def forecast(self, hours: Numbers) -> PoolForecast:
        """Return what it would face; `hours` are B x 168."""
        traffic, crew = self.world.traffic, self.crew
        weekly = per_week(traffic, self.world, self.share)
        found = PoolForecast(
            pool=crew.pool,
            per_week=unsaid(_NO_TIMES) if weekly is None else weekly.range(self.confidence),
            hours_per_week=hours_of_work(weekly, crew.seconds, self.confidence),
            utilisation=unsaid(crew.problem),
            queue=unsaid(crew.problem),
            p95_wait_minutes=unsaid(crew.problem),
            sla_minutes=crew.sla_minutes,
            busiest=None,
            breaks_sla=None,
        )
        if weekly is None:
            nothing = unsaid(_NO_TIMES)
            return found.model_copy(
                update={"utilisation": nothing, "queue": nothing, "p95_wait_minutes": nothing}
            )
        if crew.problem or crew.service is None:
            return found
        return PoolForecast.model_validate(dict(found) | self._waiting(hours, crew.service))

    def _waiting(self, hours: Numbers, service: Numbers) -> dict[str, object]:
        busiest = int(np.argmax(hours[0]))
        load = self._load(hours[:, busiest], busiest, service)
        low, middle, high = (self._line(load, service, at) for at in ("low", "estimate", "high"))
        wait = _range(_wait(low), _wait(middle), _wait(high))
        return {
            "utilisation": load.range(self.confidence),
            "queue": _range(_queue(low), _queue(middle), _queue(high)),
            "p95_wait_minutes": wait,
            "busiest": f"{DAYS[busiest // _HOURS]} {busiest % _HOURS:02d}:00",
            "breaks_sla": _breaks(middle, wait, self.crew.sla_minutes),
            "by_hour": self._by_hour(hours[0] * self.ratio.low[0], service[0]),
        }

    def _load(self, hour: Numbers, busiest: int, service: Numbers) -> Bounded:
        """Work over capacity; that so few hours were counted is a Poisson number of its own."""
        counted = max(1.0, float(hour[0]) * float(self.world.traffic.times[busiest]))
        # A gamma variable of that shape, by the normal cube of Wilson and Hilferty from a common draw.
        noise = np.maximum(0.0, 1.0 - 1.0 / (9.0 * counted) + self.chance / (3.0 * np.sqrt(counted))) ** 3  # fmt: skip
        noise[0] = 1.0
        return self.ratio.mapped(lambda one: one * hour * noise * service / _HOUR / self.crew.members)  # fmt: skip

    def _line(self, load: Bounded, service: Numbers, at: str) -> Waiting | Unstable:
        found = load.range(self.confidence)
        used = getattr(found, at) or 0.0
        seconds = float(service[0])
        rate = used * self.crew.members / seconds
        return line(self.crew.members, rate, seconds, self.crew.cv2)

    def _by_hour(self, hours: Numbers, seconds: float) -> tuple[HourForecast, ...]:
        by_day = hours.reshape(WEEK // _HOURS, _HOURS)
        working = by_day[by_day.sum(axis=1) > _NOTHING]
        rates = working.mean(axis=0) if len(working) else np.zeros(_HOURS)
        found = []
        for hour, rate in enumerate(rates.tolist()):
            one = line(self.crew.members, rate / _HOUR, seconds, self.crew.cv2)
            found.append(
                HourForecast(
                    hour=hour, arrivals=rate, queue=_queue(one), p95_wait_minutes=_wait(one)
                )
            )
        return tuple(found)


def per_week(traffic: Traffic, world: World, share: Bounded) -> Bounded | None:
    """Return so many decisions a week; None where the log has no times."""
    if not traffic.weeks or not traffic.has_times:
        return None
    weekly = world.drawn.volume * (traffic.n / traffic.weeks)
    return share.mapped(lambda values: values * weekly)


def hours_of_work(weekly: Bounded | None, seconds: Numbers | None, confidence: float) -> Range:
    """Return the hours that so many reviews take."""
    if weekly is None:
        return unsaid(_NO_TIMES)
    if seconds is None:
        return unsaid(_NO_PACE)
    return weekly.mapped(lambda values: values * seconds / _HOUR).range(confidence)


def _together(paces: Mapping[Pool, Pace]) -> Pace | None:
    if sum(int(one.n.sum()) for one in paces.values()) < FEWEST_REVIEWS:
        return None
    parts = [paces[name] for name in sorted(paces, key=lambda name: (name is None, name or ""))]
    return Pace(*(np.concatenate([getattr(one, name) for one in parts]) for name in ("n", "sums", "squares")))  # fmt: skip


def _seconds(pace: Pace, n_draws: int, rng: np.random.Generator) -> Numbers:
    """Draw the mean time: people drawn anew, or, of few people, its normal error."""
    mean = pace.mean
    if len(pace.n) >= _FEW_PEOPLE:
        people = np.full(len(pace.n), float(len(pace.n)))
        weights = weight_draws(people, n_draws, rng)
        found: Numbers = (weights @ pace.sums) / (weights @ pace.n)
        return found
    error = mean * float(np.sqrt((pace.cv2 or 0.0) / pace.n.sum()))
    drawn = np.maximum(mean / 10.0, mean + error * rng.standard_normal(n_draws))
    drawn[0] = mean
    return drawn


def _crew(rules: LaneRules, name: Pool, drawn: DrawnPace | None) -> Crew:
    pool = rules.pools.get(name) if name is not None else None
    members = len(set(pool.members)) if pool else 0
    stated = pool.capacity_per_hour if pool else None
    sla = rules.sla(max(1, rules.level(name)), name) if pool else None
    takes_time = drawn is not None and drawn.pace.mean >= FINEST
    problems = {
        "nobody is named for these decisions; add `pool` to their action type": name is None,
        "the policy describes no such pool; add it under `pools`": pool is None,
        "no members, so nobody looks; add `members`": not members,
        "no capacity_per_hour, so nobody knows what it can carry; add it": not stated,
        "no SLA, so nobody knows what is too late; add sla_minutes": sla is None,
        _NO_PACE: drawn is None,
        "its review times are 0": drawn is not None and not takes_time,
    }
    problem = next((text for text, holds in problems.items() if holds), "")
    seconds = drawn.seconds if drawn is not None and takes_time else None
    service = None
    if not problem and seconds is not None and stated:
        service = np.maximum(seconds, members * _HOUR / stated)
    cv2 = 1.0 if drawn is None or drawn.pace.cv2 is None else drawn.pace.cv2
    return Crew(name, members, seconds, service, cv2, sla, problem)


def _wait(found: Waiting | Unstable) -> float | None:
    return None if isinstance(found, Unstable) else found.quantile(WITHIN) / 60


def _queue(found: Waiting | Unstable) -> float | None:
    return None if isinstance(found, Unstable) else found.queue_length


def _range(low: float | None, middle: float | None, high: float | None) -> Range:
    """A number that has no end is null, and the reason says where it grows."""
    if low is None:
        return unsaid(f"{GROWS}, at the lower end too")
    if middle is None:
        return Range(estimate=None, low=low, high=None, reason=GROWS)
    if high is None:
        return Range(estimate=middle, low=low, high=None, reason=f"{GROWS} at the upper end")
    return Range(estimate=middle, low=min(low, middle), high=max(high, middle))


def _breaks(middle: Waiting | Unstable, wait: Range, sla: float | None) -> bool | None:
    if sla is None:
        return None
    return isinstance(middle, Unstable) or wait.estimate is None or wait.estimate > sla
