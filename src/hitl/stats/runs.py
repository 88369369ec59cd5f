"""Is an unbroken run longer than chance makes it?"""

import math

from hitl.stats.root import bisect

_LARGEST_EXACT = 5_000


def run_chance(length: int, trials: int, share: float) -> float:
    """Return the chance of a run of at least so many events in independent trials.

    Exact up to 5,000 trials, by the recursion over trials. Above, Feller's form, whose relative
    error is far below one in a million there.

    Args:
        length: of the run, at least 1; one longer than the trials has chance 0.
        trials: 0 or more.
        share: chance of an event, 0 to 1.

    Raises:
        ValueError: for an argument outside its range.

    Source: Feller (1968), An Introduction to Probability Theory 1, section XIII.7.

    >>> run_chance(2, 3, 0.5)
    0.375
    """
    if length < 1 or trials < 0 or not 0.0 <= share <= 1.0:
        raise ValueError(f"expected a length of 1 or more, trials and a share, not {length!r}, {trials!r}, {share!r}")  # fmt: skip
    if length > trials or share == 0.0:
        return 0.0
    if share == 1.0:
        return 1.0
    log_run = length * math.log(share)
    if trials <= _LARGEST_EXACT:
        return _exact(length, trials, share, math.exp(log_run))
    return _feller(length, trials, share, log_run)


def _exact(length: int, trials: int, share: float, run: float) -> float:
    """Add up, trial by trial, the chance that the first such run ends there."""
    # without[m]: no such run in the first m trials.
    without = [1.0] * (trials + 1)
    found = 0.0
    for trial in range(length, trials + 1):
        before = trial - length - 1
        first = run if before < 0 else (1.0 - share) * run * without[before]
        found += first
        without[trial] = 1.0 - found
    return min(found, 1.0)


def _feller(length: int, trials: int, share: float, log_run: float) -> float:
    other = 1.0 - share
    # The smallest root above 1 of 1 - x + other * share**length * x**(length + 1), by its excess.
    expected = math.log(other) + log_run
    top = 1.0 / length

    def is_left(excess: float) -> bool:
        if excess == 0.0:
            return True
        return math.log(excess) < expected + (length + 1) * math.log1p(excess)

    if is_left(top):  # runs of this length are so common that one is certain to come
        return 1.0
    excess = bisect(is_left, 0.0, top)
    x = 1.0 + excess
    factor = (1.0 - share * x) / ((length + 1 - length * x) * other)
    log_without = math.log(factor) - (trials + 1) * math.log1p(excess)
    return -math.expm1(min(log_without, 0.0))
