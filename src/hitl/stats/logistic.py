"""Logistic regression of grouped rows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from hitl.stats.counts import Counts, Numbers

_STEPS = 200


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """Coefficients in the order of the terms, with their standard errors."""

    estimates: Numbers
    errors: Numbers


def fit_logistic(
    terms: NDArray[np.float64], offset: Numbers, k: Counts, n: Counts
) -> LogisticFit | None:
    """Take Newton's steps for ``logit P = terms @ beta + offset``; None where they do not settle.

    No step moves any log-odds by more than 1: the curvature then changes by less than e, so each
    step raises the likelihood, where a full step can overshoot to where it is flat.
    """
    beta = np.zeros(terms.shape[1])
    for _ in range(_STEPS):
        rate = expit(terms @ beta + offset)
        curve = (terms * (n * rate * (1.0 - rate))[:, None]).T @ terms
        if not np.linalg.cond(curve) < 1e12:
            return None
        step = np.linalg.solve(curve, terms.T @ (k - n * rate))
        moved = float(np.max(np.abs(terms @ step)))
        if moved < 1e-9:
            return LogisticFit(beta, np.sqrt(np.diag(np.linalg.inv(curve))))
        beta = beta + step / max(1.0, moved)
    return None
