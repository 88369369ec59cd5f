"""How many graded or repeated cases does a difference of means need, and which one shows?"""

import math

from scipy.special import ndtri, stdtrit

from hitl.stats.interval import check_share, one_sided_level


def graded_cases_needed(
    difference: float,
    between_variance: float,
    repeat_variance: float = 0.0,
    confidence: float = 0.95,
    power: float = 0.8,
) -> int:
    """Return how many cases show a mean difference of this size with this power.

    ``(z_confidence + z_power)² (between + repeat) / difference²``, rounded up.

    Args:
        difference: true mean difference, not 0.
        between_variance: variance over cases of the true per-case difference, 0 or more.
        repeat_variance: what `repeat_variance` gives; 0 for endless repeats.
        confidence: two-sided, strictly between 0 and 1.
        power: strictly between 0 and 1.

    Raises:
        ValueError: for an argument outside its range.

    Source: Miller (2024), arXiv 2411.00640, equation 9.

    >>> graded_cases_needed(0.03, between_variance=1 / 9)
    969
    """
    variance = _checked_variance(between_variance, repeat_variance)
    if difference == 0.0 or not math.isfinite(difference):
        raise ValueError(f"a difference of {difference!r} cannot be shown")
    return max(1, math.ceil((_quantiles(confidence, power) / difference) ** 2 * variance))


def graded_detectable(
    n: int,
    between_variance: float,
    repeat_variance: float = 0.0,
    confidence: float = 0.95,
    power: float = 0.8,
) -> float:
    """Return the smallest mean difference that n cases show with this power.

    Arguments, errors and source are those of `graded_cases_needed`; n is at least 1.

    >>> noise = repeat_variance(1 / 6, repeats=1)
    >>> round(graded_detectable(198, between_variance=1 / 9, repeat_variance=noise), 4)
    0.1327
    """
    if n < 1:
        raise ValueError(f"n must be 1 or more, not {n}")
    variance = _checked_variance(between_variance, repeat_variance)
    return _quantiles(confidence, power) * math.sqrt(variance / n)


def repeat_variance(within_variance: float, repeats: int, arms: int = 2) -> float:
    """Return the variance that repeats leave in a per-case difference of means.

    Args:
        within_variance: variance of one score of one case in one arm, 0 or more.
        repeats: scores averaged in each arm, 1 or more.
        arms: 2 for a difference; 1 for the mean of one arm.

    Raises:
        ValueError: for an argument outside its range.

    >>> repeat_variance(0.25, repeats=5)
    0.1
    """
    if repeats < 1 or arms < 1 or not within_variance >= 0.0:
        raise ValueError("expected within_variance >= 0 and at least one repeat and one arm")
    return arms * within_variance / repeats


def clustered_detectable_drop(
    standard_error: float, n_clusters: int, confidence: float = 0.95, power: float = 0.8
) -> float:
    """Return the drop that a cluster-robust test flags with this power, given its error.

    The larger of two needs: the t quantiles of confidence and power times the standard error,
    and the drop below which unseen gains cannot be ruled out with so few clusters.

    Args:
        standard_error: of the mean difference, 0 or more.
        n_clusters: 2 or more.
        confidence: one-sided, above 0.5 and below 1.
        power: strictly between 0 and 1.

    Raises:
        ValueError: for an argument outside its range.

    >>> round(clustered_detectable_drop(0.0, 59), 3)
    0.05
    """
    check_share(power, "power")
    if n_clusters < 2 or not standard_error >= 0.0 or not 0.5 < confidence < 1.0:
        raise ValueError("expected standard_error >= 0, two clusters or more, confidence > 0.5")
    freedom = n_clusters - 1
    spare = float(stdtrit(freedom, power)) * standard_error
    flagged = float(stdtrit(freedom, confidence)) * standard_error
    unseen = -math.expm1(math.log1p(-confidence) / n_clusters)
    return max(flagged, unseen) + spare


def _quantiles(confidence: float, power: float) -> float:
    check_share(power, "power")
    return float(ndtri(1.0 - one_sided_level(confidence)) + ndtri(power))


def _checked_variance(between: float, repeat: float) -> float:
    if not (between >= 0.0 and repeat >= 0.0):
        raise ValueError(f"variances must be 0 or more, not {between!r} and {repeat!r}")
    return between + repeat
