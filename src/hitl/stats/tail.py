"""What rare large losses could still hide in a mean whose sample shows few of them or none.

A t interval trusts the spread that it saw. When one cluster in twenty fails outright and the
sample holds none of these, it saw no spread at all. Here the losses of at least u in k of G
clusters are bounded by the exact binomial limit U(k): the loss part of the mean may be as large
as u * U(k), for every u, and losses of 1 may be as frequent as U(0) when none was seen.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv

# Beyond some hundred losses of a size the binomial is close to normal and t needs no help.
LARGEST_LOSSES = 200


@dataclass(frozen=True, slots=True)
class LossTail:
    """The largest losses of G clusters, each with the number of clusters that lost as much."""

    gain: float  # the positive part of the mean
    sizes: NDArray[np.float64]
    counts: NDArray[np.int64]
    n: int

    @classmethod
    def of(cls, sums: NDArray[np.float64], sizes: NDArray[np.float64]) -> "LossTail":
        """Take cluster sums and cluster sizes; observations lie in [-1, 1]."""
        losses = -np.sort(sums / sizes)[:LARGEST_LOSSES]
        losses = losses[losses > 0.0]
        return cls(
            gain=float(np.maximum(sums, 0.0).sum() / sizes.sum()),
            sizes=np.concatenate(([1.0], losses)),
            counts=np.arange(losses.size + 1),
            n=sums.size,
        )

    def highest_mean(self, level: float) -> float:
        """Return the value that a lower limit of the mean at this one-sided level may not exceed.

        Without any loss or gain it is ``-(1 - level^(1/G))``. Non-decreasing in every sum.
        """
        all_lost = self.counts == self.n
        remaining = np.where(all_lost, 1, self.n - self.counts)
        shares = np.where(all_lost, 1.0, betaincinv(self.counts + 1, remaining, 1.0 - level))
        return self.gain - float(np.max(self.sizes * shares))

    def p_positive(self) -> float:
        """Return the level at which `highest_mean` reaches 0."""
        share = self.gain / np.maximum(self.sizes, self.gain)
        all_lost = self.counts == self.n
        remaining = np.where(all_lost, 1, self.n - self.counts)
        levels = np.where(all_lost, 1.0, 1.0 - betainc(self.counts + 1, remaining, share))
        return float(np.max(np.where(share < 1.0, levels, 0.0)))
