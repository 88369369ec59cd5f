"""Which of several findings stand when all of them were looked at?"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def holm(p: Sequence[float]) -> tuple[float, ...]:
    """Return p-values adjusted so that the chance of any false rejection stays below the level.

    Valid under every dependence. Adjusted values are at least the given ones, at most 1, and
    come in the order of the input. No p-value gives no p-value.

    Raises:
        ValueError: for a value outside [0, 1] or NaN.

    Source: Holm (1979), Scandinavian Journal of Statistics 6.

    >>> holm([0.01, 0.04, 0.03, 0.005])
    (0.03, 0.06, 0.06, 0.02)
    """
    values = _checked(p)
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1))
    return _returned(stepped, order)


def holm_in_order(
    families: Sequence[Sequence[float]], alpha: float = 0.05
) -> tuple[tuple[bool, ...], ...]:
    """Return which hypotheses fall when each family, in order of importance, has its own Holm.

    The chance of any false rejection is at most ``alpha`` within each family, and a later family
    never weakens an earlier one: adding subsets of lesser authority cannot hide a regression in
    one that blocks. The price is that over all families together the chance can reach
    ``alpha`` times the number of families.

    A strictly serial order would keep it at ``alpha``, but would test a family only after every
    hypothesis of the families before it had fallen. For alarms that is the wrong way round: a
    regression could be declared in a later family only if all subsets of the earlier one had
    regressed too.

    Raises:
        ValueError: for a value outside [0, 1] or NaN, or an alpha outside (0, 1).

    >>> holm_in_order([[0.01, 0.20], [0.03]])
    ((True, False), (True,))
    """
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha must lie strictly between 0 and 1, not {alpha!r}")
    return tuple(tuple(p <= alpha for p in holm(family)) for family in families)


def benjamini_hochberg(p: Sequence[float]) -> tuple[float, ...]:
    """Return p-values adjusted so that the expected share of false rejections is the level.

    Valid for independent and for positively dependent tests. Adjusted values lie between the
    given ones and Holm's, and come in the order of the input.

    Raises:
        ValueError: for a value outside [0, 1] or NaN.

    Source: Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57.

    >>> benjamini_hochberg([0.01, 0.04, 0.03, 0.005])
    (0.02, 0.04, 0.04, 0.02)
    """
    values = _checked(p)
    order = np.argsort(-values, kind="stable")
    scaled = values[order] * values.size / np.arange(values.size, 0, -1)
    stepped = np.minimum.accumulate(scaled)
    return _returned(stepped, order)


def _checked(p: Sequence[float]) -> NDArray[np.float64]:
    values = np.asarray(p, dtype=np.float64)
    if not np.all((values >= 0.0) & (values <= 1.0)):
        raise ValueError(f"p-values lie in [0, 1]: {list(p)}")
    return values


def _returned(stepped: NDArray[np.float64], order: NDArray[np.int64]) -> tuple[float, ...]:
    adjusted = np.empty_like(stepped)
    adjusted[order] = np.minimum(stepped, 1.0)
    return tuple(adjusted.tolist())
