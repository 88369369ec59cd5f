"""Is an unbroken run longer than chance makes it?"""


def run_chance(length: int, trials: int, share: float) -> float:
    """Return the chance of a run of at least so many events in independent trials.

    Adds up, trial by trial, the chance that the first such run ends there: exact, and as long as
    the trials are many (a million take a second).

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
        raise ValueError(
            f"expected a length of 1 or more, trials and a share, not {length!r}, {trials!r}, {share!r}"
        )
    if length > trials:
        return 0.0
    found = share**length
    # without[m]: the chance of no such run in the first `length + m` trials; before, there is none.
    without = [1.0 - found]
    ends = (1.0 - share) * found
    for trial in range(length + 1, trials + 1):
        before = trial - length - 1
        found += ends * (without[before - length] if before >= length else 1.0)
        without.append(1.0 - found)
    return min(found, 1.0)
