"""Draws of everything that is not known: the traffic's days, people's ways, and which golden cases there are.

The first row of every array is the estimate itself, all others are draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hitl.recalibrate.forecast.routing import Names
from hitl.recalibrate.forecast.strata import Stratum
from hitl.recalibrate.forecast.traffic import RIGHT, WRONG, Behaviour, Traffic
from hitl.stats.control import beta_draws, weight_draws
from hitl.stats.counts import Numbers

FEW = 30
"""Labelled decisions below which a type's people are taken to do as people do with all types."""
_CHUNK = 2_000_000


@dataclass(frozen=True)
class TrafficDraws:
    """The traffic, days drawn anew; B rows."""

    volume: Numbers
    """B: decisions over those of the log."""
    shares: Numbers
    """B x T: share of each action type."""
    zones: Numbers
    """B x T x 3: share of each zone within the type."""
    routed: Numbers
    """B x T x (4 + P): share by lane, and seen by pool, within the type."""

    @classmethod
    def of(cls, traffic: Traffic, n_draws: int, rng: np.random.Generator) -> "TrafficDraws":
        """Draw days."""
        days = len(traffic.daily)
        weights = weight_draws(np.full(days, float(days)), n_draws, rng)
        weights /= weights.mean(axis=1, keepdims=True)
        zones = np.tensordot(weights, traffic.daily, 1)
        routed = np.tensordot(weights, traffic.routed, 1)
        kinds = zones.sum(axis=2)
        total = kinds.sum(axis=1)
        some = np.maximum(kinds, 1e-12)[:, :, None]
        return cls(total / traffic.n, kinds / total[:, None], zones / some, routed / some)


@dataclass(frozen=True)
class PeopleDraws:
    """What people do; B rows."""

    overrides: Numbers
    """B x R x 2: chance that a wrong, or right, decision is modified or rejected, by type of the replies."""
    anyhow: Numbers
    """B x T: the same whether it is right or not, by type of the traffic."""

    @classmethod
    def of(
        cls, traffic: Traffic, names: Names, n_draws: int, rng: np.random.Generator
    ) -> "PeopleDraws":
        """Draw rates of people; types with few decisions are taken as all together."""
        known = traffic.behaviour
        places = [traffic.kinds.index(kind) if kind in traffic.kinds else -1 for kind in names.kinds]  # fmt: skip
        overridden, labelled = (_by_reply(values, places) for values in (known.overridden, known.labelled))  # fmt: skip
        few = labelled < FEW
        overall = _drawn(
            known, known.overridden.sum(axis=0), known.labelled.sum(axis=0), n_draws, rng
        )
        own = _drawn(known, overridden, labelled, n_draws, rng)
        anyhow = _drawn(known, known.any_overridden, known.any_acted, n_draws, rng)
        return cls(np.where(few, overall[:, None, :], own), anyhow)

    @property
    def of_wrong(self) -> Numbers:
        """B x R."""
        return self.overrides[:, :, WRONG]

    @property
    def of_right(self) -> Numbers:
        """B x R."""
        return self.overrides[:, :, RIGHT]


def case_draws(
    strata: Sequence[Stratum],
    matrices: Sequence[Numbers],
    weights: Numbers,
    traffic: TrafficDraws,
) -> list[Numbers]:
    """Return for each matrix B x S x K: the mean over the cases of each stratum, weighted to the zones of the traffic.

    Args:
        strata: cases by action type.
        matrices: cases by K columns, each.
        weights: B x clusters.
        traffic: says how frequent each zone is.
    """
    found = [np.zeros((len(weights), len(strata), one.shape[1])) for one in matrices]
    for place, stratum in enumerate(strata):
        joined = np.hstack([one[stratum.cases] for one in matrices])
        step = max(1, _CHUNK // len(stratum.cases))
        for start in range(0, len(weights), step):
            rows = slice(start, start + step)
            means = case_weights(stratum, weights[rows], traffic.zones[rows, stratum.kind]) @ joined
            begin = 0
            for into, one in zip(found, matrices, strict=True):
                into[rows, place] = means[:, begin : begin + one.shape[1]]
                begin += one.shape[1]
    return found


def case_weights(stratum: Stratum, weights: Numbers, zones: Numbers) -> Numbers:
    """Return what each case of a stratum weighs, 1 in all: each cell as much as its zones have in the traffic."""
    drawn = weights[:, stratum.clusters]
    shares = np.stack([zones[:, list(cell.zones)].sum(axis=1) for cell in stratum.cells], axis=1)
    total = shares.sum(axis=1, keepdims=True)
    shares = np.where(total > 0, shares / np.where(total > 0, total, 1.0), 1.0 / len(stratum.cells))
    for number, cell in enumerate(stratum.cells):
        own = drawn[:, cell.cases]
        drawn[:, cell.cases] = own * (shares[:, number] / own.sum(axis=1))[:, None]
    return drawn


def _by_reply(values: Numbers, places: Sequence[int]) -> Numbers:
    """Return rows by type of the replies; nothing is known of a type that the traffic lacks."""
    padded = np.vstack([values, np.zeros((1, values.shape[1]))])
    return padded[np.array(places, dtype=np.int64)]


def _drawn(
    known: Behaviour, events: Numbers, trials: Numbers, n_draws: int, rng: np.random.Generator
) -> Numbers:
    return beta_draws(events / known.effect, trials / known.effect, n_draws, rng)
