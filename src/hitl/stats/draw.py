"""Which units to look at, when some matter more, so that what is seen still speaks for all?"""

import numpy as np
from numpy.typing import NDArray

from hitl.stats.counts import Counts, Numbers

# A chance this near 1 is 1: what rounding leaves of it.
_ROUNDING = 1e-9


def inclusion_probabilities(
    sizes: Numbers, n: int, certain: NDArray[np.bool_] | None = None
) -> Numbers:
    """Return each unit's chance of being drawn, ``min(1, c * size)``, with c such that they sum to n.

    Where a unit's share would be more than 1 it is taken for sure and the rest is shared out anew, until no share is.
    The sum is n, up to rounding, or the number of units that can be drawn at all if that is smaller. A unit of size 0
    is never drawn unless it is certain: give it a small size, or leave it out of what the sample speaks for.

    Args:
        sizes: 0 and more; what matters is their ratio.
        n: how many to draw, the certain ones among them.
        certain: units to take for sure; none by default.

    Raises:
        ValueError: for sizes that are not finite or below 0, arrays of unequal length, n below 0 or below the number
            of certain units.

    Source: Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, section 3.6.2.

    >>> inclusion_probabilities(np.array([1.0, 1.0, 2.0, 12.0]), 3).tolist()
    [0.5, 0.5, 1.0, 1.0]
    """
    taken = _checked(sizes, n, certain)
    drawable = taken | (sizes > 0.0)
    n = min(n, int(np.count_nonzero(drawable)))
    while True:
        left, others = n - int(np.count_nonzero(taken)), ~taken & (sizes > 0.0)
        chances = np.where(taken, 1.0, 0.0)
        if left > 0 and others.any():
            # Relative to the largest that is left, sizes neither overflow nor vanish.
            scaled = sizes[others] / sizes[others].max()
            chances[others] = left * (scaled / scaled.sum())
        more = others & (chances >= 1.0 - _ROUNDING)
        if not more.any():
            return chances
        taken = taken | more


def systematic_draw(
    probabilities: Numbers, order: Counts, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw units with given chances, exactly as many as these sum to, spread evenly over an order.

    Madow's systematic sampling: the chances are laid end to end in the order, and every whole step from one random
    start takes the unit that it falls into. So each unit has its chance, no unit is taken twice, and neighbours in
    the order are seldom taken together: an order by stratum gives each stratum its share, to within one unit.

    Two neighbours may have no chance to be taken together, so that no unbiased estimate of a variance exists; treating
    the units as independent errs on the safe side where neighbours are alike.

    Args:
        probabilities: 0 to 1, with a whole sum.
        order: the places 0, 1, ... of all units, each once.
        rng: a seeded generator; one number is drawn.

    Returns:
        Places of the units drawn, rising.

    Raises:
        ValueError: for probabilities outside [0, 1] (NaN is), a sum that is not whole, or an order that is none.

    Source: Madow (1949), Annals of Mathematical Statistics 20, 333.

    >>> systematic_draw(np.array([1.0, 0.0, 0.5, 0.5]), np.arange(4), np.random.default_rng(1)).tolist()
    [0, 3]
    """
    if probabilities.ndim != 1 or not np.all((probabilities >= 0.0) & (probabilities <= 1.0)):
        raise ValueError("probabilities must lie in [0, 1]; none may be missing")
    if not np.array_equal(np.sort(order), np.arange(probabilities.size)):
        raise ValueError(f"expected each place from 0 to {probabilities.size - 1} once")
    start = float(rng.random())
    is_sure = probabilities >= 1.0 - _ROUNDING
    queue = order[~is_sure[order] & (probabilities[order] > 0.0)]
    ends = np.cumsum(probabilities[queue])
    total = float(ends[-1]) if ends.size else 0.0
    n = round(total)
    if abs(total - n) > 1e-6:
        raise ValueError(
            f"expected probabilities with a whole sum, not {float(probabilities.sum())!r}"
        )
    if n > 0:
        # The last end is the whole number itself, so that no step falls behind it.
        places = np.searchsorted(ends * (n / total), start + np.arange(n), side="right")
        drawn = queue[np.minimum(places, queue.size - 1)]
    else:
        drawn = queue[:0]
    return np.sort(np.concatenate([np.flatnonzero(is_sure), drawn])).astype(np.int64)


def _checked(sizes: Numbers, n: int, certain: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    if sizes.ndim != 1 or not np.all(np.isfinite(sizes) & (sizes >= 0.0)):
        raise ValueError("sizes must be finite and 0 or more, one for each unit")
    taken = np.zeros(sizes.shape, bool) if certain is None else certain.astype(bool)
    if taken.shape != sizes.shape:
        raise ValueError(f"expected {sizes.size} marks of what is certain, not {taken.size}")
    if n < max(0, int(np.count_nonzero(taken))):
        raise ValueError(
            f"cannot draw {n} with {int(np.count_nonzero(taken))} certain units; draw more or call fewer certain"
        )
    return taken
