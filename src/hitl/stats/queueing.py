"""How long does work wait for people? Erlang C, and what varying work adds to it."""

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hitl.stats.interval import check_share
from hitl.stats.root import bisect

MOST_SERVERS = 100_000
"""Beyond it nobody is looked for."""


@dataclass(frozen=True, slots=True)
class Unstable:
    """A line that grows without bound: work comes at least as fast as it is done."""

    servers: int
    utilisation: float
    """Work that comes over work that can be done; 1 or more."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line in its steady state; times are in the unit of the service time."""

    servers: int
    utilisation: float
    """Share of their time for which servers work, below 1."""
    chance_of_waiting: float
    """Share that finds everybody at work."""
    mean_wait: float
    """Over all arrivals, those that do not wait included."""
    queue_length: float
    """Mean number that waits."""

    def longer_than(self, time: float) -> float:
        """Return the share that waits longer than a time.

        Exact for Erlang C. With varying work it takes the wait of those who wait as exponential,
        which it nearly is where the line is long.
        """
        if self.chance_of_waiting == 0.0:
            return 0.0
        return self.chance_of_waiting * math.exp(-max(time, 0.0) * self.chance_of_waiting / self.mean_wait)  # fmt: skip

    def quantile(self, share: float) -> float:
        """Return the time within which a share of all arrivals begins; 0 where so many do not wait.

        Raises:
            ValueError: for a share outside (0, 1).
        """
        check_share(share, "share")
        late = 1.0 - share
        if self.chance_of_waiting <= late:
            return 0.0
        return self.mean_wait / self.chance_of_waiting * math.log(self.chance_of_waiting / late)


def erlang_c(servers: int, load: float) -> float:
    """Return the share of Poisson arrivals that must wait in a line with exponential work.

    By the recursion of Erlang B, which loses no digits at any size.

    Args:
        servers: at least 1.
        load: arrivals in a mean service time, 0 or more; `servers` and more give 1, since the
            line then grows without bound.

    Raises:
        ValueError: for no server, or a load that is negative or not finite.

    Source: Cooper (1981), Introduction to Queueing Theory, chapter 3.

    >>> round(erlang_c(2, 1.0), 6)
    0.333333
    """
    _check(servers, load, 1.0)
    if load >= servers:
        return 1.0
    blocked = 1.0
    for busy in range(1, servers + 1):
        blocked = load * blocked / (busy + load * blocked)
    return blocked / (1.0 - load / servers * (1.0 - blocked))


def line(servers: int, arrivals: float, service: float, cv2: float = 1.0) -> Waiting | Unstable:
    """Return how a line stands in its steady state.

    Poisson arrivals, one line, first come first served, servers that are alike and always there.
    With ``cv2`` = 1, exponential work, it is Erlang C and exact. Any other ``cv2`` multiplies the
    wait by (1 + cv2)/2 (Allen and Cunneen): exact for one server, within a few percent for a busy
    line with several.

    Args:
        servers: at least 1.
        arrivals: per unit of time, 0 or more.
        service: mean service time, above 0.
        cv2: squared coefficient of variation of the service time, 0 or more.

    Raises:
        ValueError: for an argument outside its range.

    Source: Allen (1990), Probability, Statistics and Queueing Theory, section 5.3.

    >>> found = line(servers=1, arrivals=0.5, service=1.0)
    >>> found.utilisation, found.chance_of_waiting, found.mean_wait, found.queue_length
    (0.5, 0.5, 1.0, 0.5)
    >>> line(servers=1, arrivals=2.0, service=1.0)
    Unstable(servers=1, utilisation=2.0)
    """
    _check(servers, arrivals, service)
    if not (math.isfinite(cv2) and cv2 >= 0.0):
        raise ValueError(f"expected cv2 of 0 or more, not {cv2!r}")
    load = arrivals * service
    if load >= servers:
        return Unstable(servers, load / servers)
    chance = erlang_c(servers, load)
    wait = chance * service / (servers - load) * (1.0 + cv2) / 2.0
    return Waiting(servers, load / servers, chance if wait else 0.0, wait, arrivals * wait)


def servers_enough(
    arrivals: float, service: float, within: float, share: float = 0.95, cv2: float = 1.0
) -> int | None:
    """Return the fewest servers with whom a share of arrivals begins within a time.

    None where it takes more than 100,000.

    Raises:
        ValueError: as `line`, for a negative time, or a share outside (0, 1).

    >>> servers_enough(arrivals=2.0, service=1.0, within=1.0)
    4
    """
    _check_time(within)
    check_share(share, "share")
    _check(1, arrivals, service)
    least = math.floor(arrivals * service) + 1
    if least > MOST_SERVERS:
        return None
    high = least
    while not _is_within(line(high, arrivals, service, cv2), within, share):
        high *= 2
        if high > MOST_SERVERS:
            return None
    low = least - 1
    while high - low > 1:
        middle = (low + high) // 2
        if _is_within(line(middle, arrivals, service, cv2), within, share):
            high = middle
        else:
            low = middle
    return high


def most_arrivals(
    servers: int, service: float, within: float, share: float = 0.95, cv2: float = 1.0
) -> float:
    """Return the most arrivals per unit of time of which a share begins within a time.

    Never as many as the servers can do. Rounded down to a millionth of that.

    Raises:
        ValueError: as `line`, for a negative time, or a share outside (0, 1).

    >>> round(most_arrivals(servers=1, service=1.0, within=0.0), 3)
    0.05
    """
    _check_time(within)
    check_share(share, "share")
    _check(servers, 0.0, service)
    full = servers / service
    return bisect(
        lambda rate: _is_within(line(servers, rate, service, cv2), within, share),
        0.0,
        full,
        width=full * 1e-6,
    )


def waits_in_turn(arrivals: Iterable[float], servers: int, service: float) -> Iterator[float]:
    """Yield how long each arrival waits when all work takes the same time and nobody goes before another.

    Nothing is assumed of when they come, so that bursts count as they are.

    Args:
        arrivals: times in order, in the unit of the service time.
        servers: at least 1.
        service: time of each piece of work, above 0.

    Raises:
        ValueError: for no server, or a service time that is not above 0.

    >>> list(waits_in_turn([0.0, 0.0, 0.0, 5.0], servers=2, service=1.0))
    [0.0, 0.0, 1.0, 0.0]
    """
    _check(servers, 0.0, service)
    # Who begins takes the server that was taken longest ago: all work is alike, so it is free first.
    free = deque([-math.inf] * servers)
    for time in arrivals:
        begins = max(time, free.popleft())
        free.append(begins + service)
        yield begins - time


def _is_within(found: Waiting | Unstable, within: float, share: float) -> bool:
    return isinstance(found, Waiting) and found.quantile(share) <= within


def _check(servers: int, rate: float, service: float) -> None:
    if servers < 1:
        raise ValueError(f"expected at least 1 server, not {servers!r}")
    if not (math.isfinite(rate) and rate >= 0.0):
        raise ValueError(f"expected a finite rate of 0 or more, not {rate!r}")
    if not (math.isfinite(service) and service > 0.0):
        raise ValueError(f"expected a service time above 0, not {service!r}")


def _check_time(within: float) -> None:
    if not within >= 0.0:
        raise ValueError(f"expected a time of 0 or more, not {within!r}")
