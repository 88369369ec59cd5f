"""Can a number that is known twice make another one surer? Control variates, from draws of both."""

import numpy as np

from hitl.stats.counts import Numbers


def control_factor(values: Numbers, gaps: Numbers) -> float:
    """Return the share of a gap that is best taken off a value, from joint draws of both.

    A gap is a number of known mean 0, such as what a sample says of something less what is known of it. ``values -
    factor * gaps`` has the least variance at ``cov(values, gaps) / var(gaps)``. The factor is kept within 0 and 1:
    beyond 1, or below 0, it is chance or the two have nothing in common. Several columns share one factor, so that
    shares that add up to 1 still do.

    Args:
        values: draws, one row each.
        gaps: draws of the same shape.

    Returns:
        0 where the gap never moves: then there is nothing to take off.

    Source: Lavenberg and Welch (1981), Management Science 27, 322; the power tuning of prediction-powered inference
    (Angelopoulos, Duchi and Zrnic, 2023) is the same.

    >>> control_factor(np.array([1.0, 2.0, 3.0]), np.array([0.0, 2.0, 4.0]))
    0.5
    """
    moved = gaps - gaps.mean(axis=0)
    spread = float((moved * moved).sum())
    if spread <= 1e-18 * max(1.0, float(moved.size)):
        return 0.0
    together = float((moved * (values - values.mean(axis=0))).sum())
    return min(1.0, max(0.0, together / spread))


def beta_draws(events: Numbers, trials: Numbers, n_draws: int, rng: np.random.Generator) -> Numbers:
    """Draw rates from what events in trials leave open (Jeffreys), the rates themselves first.

    Args:
        events: 0 to `trials`; need not be whole.
        trials: 0 and more; a rate without trials is one half, and can be anything.
        n_draws: rows, the first of which holds ``events / trials``.
        rng: a seeded generator.

    >>> beta_draws(np.array([1.0]), np.array([4.0]), 3, np.random.Generator(np.random.PCG64(1))).shape
    (3, 1)
    """
    drawn = rng.beta(events + 0.5, trials - events + 0.5, size=(n_draws, *events.shape))
    drawn[0] = np.divide(events, trials, out=np.full(events.shape, 0.5), where=trials > 0)
    return drawn


def weight_draws(groups: Numbers, n_draws: int, rng: np.random.Generator) -> Numbers:
    """Draw weights of units (a Bayesian bootstrap), around 1; the first row weighs all alike.

    Unlike counts of a resample no weight is 0, so that no group of units is ever empty. The weights are gamma variables
    of shape ``(n - 2) / n`` and not of shape 1, so that the variance of a mean over a group of n units is the unbiased
    ``s² / n``; with shape 1 it would be too small by ``(n - 1) / (n + 1)``. Groups of fewer than three units show too
    little of how units differ, and are weighed as three.

    Args:
        groups: how many units each unit's group has, itself included.
        n_draws: rows.
        rng: a seeded generator.

    Source: Rubin (1981), Annals of Statistics 9, 130, for shape 1.

    >>> weight_draws(np.full(4, 4.0), 2, np.random.Generator(np.random.PCG64(1)))[0].tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    sizes = np.maximum(groups, 3.0)
    shapes = (sizes - 2.0) / sizes
    drawn = np.maximum(rng.gamma(shapes, size=(n_draws, len(groups))) / shapes, 1e-12)
    drawn[0] = 1.0
    return drawn


def effective_mass(weights: Numbers) -> float:
    """Return the share that one unit of even weights would have: one over Kish's effective number.

    >>> effective_mass(np.array([1.0, 1.0, 2.0, 0.0]))
    0.375
    """
    total = float(weights.sum())
    return float(weights @ weights) / (total * total) if total > 0.0 else 1.0
