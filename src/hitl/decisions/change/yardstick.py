"""How one metric's whole numbers become values and changes in its unit."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from hitl.decisions.change.words import Cluster, Scale
from hitl.decisions.grid import PER_E
from hitl.decisions.measures.measured import unit_of
from hitl.decisions.measures.words import Metric, Unit

_TEN_THOUSAND = 10_000
_THOUSANDTHS = 1000
_LONGEST_BIN = 500
"""Above the bin of a year, so that a mean of bins is a share of it."""

Translation = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Yardstick:
    """One metric, its unit, and what a mean of its whole numbers means."""

    metric: Metric
    cluster: Cluster
    scale: Scale
    largest: int
    """Largest whole number of one decision: 1 of a share."""
    level: Translation
    """From the mean of one side to its value."""
    change: Translation
    """From a difference of means to a change: never falling."""

    @property
    def unit(self) -> Unit:
        """What its values count in."""
        return unit_of(self.metric)

    @property
    def is_share(self) -> bool:
        """Whether decisions are hits or not."""
        return self.largest == 1


def share_yardstick(metric: Metric, cluster: Cluster) -> Yardstick:
    """Return the yardstick of a share."""
    factor = _TEN_THOUSAND if metric is Metric.ESCALATIONS_PER_10000 else 1

    def scaled(share: float) -> float:
        return share * factor

    return Yardstick(metric, cluster, Scale.DIFFERENCE, 1, scaled, scaled)


def _thousandths(mean: float) -> float:
    return mean / _THOUSANDTHS


def _seconds(mean_bin: float) -> float:
    return max(0.0, math.expm1((mean_bin + 0.5) / PER_E)) / _THOUSANDTHS


def _factor(bins: float) -> float:
    return math.exp(bins / PER_E)


SATISFACTION = Yardstick(
    Metric.SATISFACTION, Cluster.REVIEWER, Scale.DIFFERENCE, _THOUSANDTHS, _thousandths, _thousandths
)  # fmt: skip
REVIEW_TIME = Yardstick(
    Metric.REVIEW_SECONDS_GEOMETRIC_MEAN, Cluster.REVIEWER, Scale.RATIO, _LONGEST_BIN, _seconds, _factor
)  # fmt: skip
"""Of the middles of bins on a logarithmic scale, so that a difference of means is a ratio."""
