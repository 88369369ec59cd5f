"""What one arm under one policy would mean for a decision of the baseline's traffic."""

from dataclasses import dataclass, replace

import numpy as np

from hitl.recalibrate.forecast.draws import PeopleDraws, TrafficDraws, case_weights
from hitl.recalibrate.forecast.routing import Names
from hitl.recalibrate.forecast.strata import Stratum
from hitl.recalibrate.forecast.traffic import N_LANES, Traffic
from hitl.stats.control import beta_draws, effective_mass
from hitl.stats.counts import Numbers
from hitl.stats.two_way import shrunk_means, shrunk_table

_HOURS = 24
_ALONE = 2
"""The first lanes are those in which a decision runs before a person sees it."""


@dataclass(frozen=True)
class World:
    """What every projection shares."""

    traffic: Traffic
    names: Names
    strata: tuple[Stratum, ...]
    drawn: TrafficDraws
    people: PeopleDraws
    escaped: Numbers
    """B x T: share of wrong decisions among those of a type that ran alone, as the log has it; NaN where it cannot be said."""
    hourly: Numbers
    """T x 168: decisions an hour, by hour of the week."""

    @property
    def covered(self) -> list[int]:
        """Places of the action types that cases speak for."""
        return [one.kind for one in self.strata]

    @property
    def others(self) -> list[int]:
        """Places of the others, which are kept as observed."""
        spoken = set(self.covered)
        return [place for place in range(len(self.traffic.kinds)) if place not in spoken]


@dataclass(frozen=True)
class Mass:
    """Share of all decisions that one independent case stands for."""

    whole: float
    seen: float
    """Among what people see."""
    alone: float
    """Among what runs alone."""


@dataclass(frozen=True)
class Projected:
    """Shares of all decisions; B rows, the estimate first."""

    lanes: Numbers
    """B x 4."""
    pools: Numbers
    """B x P: seen by each pool."""
    of_kind: Numbers
    """B x T x P: the same among the decisions of each action type."""
    overridden: Numbers
    """B: seen, and modified or rejected."""
    undone: Numbers
    """B: the same of what ran before it was seen."""
    wrong_alone: Numbers
    """B: ran alone and is wrong."""
    known_alone: Numbers
    """B: ran alone, and something is known of how often that is wrong."""
    mass: Mass

    @property
    def seen(self) -> Numbers:
        """B: seen by a person."""
        found: Numbers = self.pools.sum(axis=1)
        return found

    @property
    def alone(self) -> Numbers:
        """B: runs before a person sees it."""
        found: Numbers = self.lanes[:, :_ALONE].sum(axis=1)
        return found


def hourly_rates(traffic: Traffic) -> Numbers:
    """Return decisions an hour by type and hour of the week, without the luck that makes the busiest hour of few weeks.

    Each hour's count is drawn towards what its day and its hour of the day say, and each day of the week towards the
    mean of all, as far as they differ by luck alone.
    """
    tables = traffic.hourly.reshape(len(traffic.hourly), -1, _HOURS)
    shrunk = np.stack([shrunk_table(one) for one in tables]) if len(tables) else tables
    totals = traffic.daily.sum(axis=(1, 2))
    if len(traffic.weekdays) == len(totals):
        means = shrunk_means(totals, traffic.weekdays)
        for weekday, mean in means.items():
            seen = float(totals[traffic.weekdays == weekday].mean())
            shrunk[:, weekday] *= mean / seen if seen else 1.0
    rates: Numbers = shrunk.reshape(traffic.hourly.shape) / np.maximum(1.0, traffic.times)
    return rates


def escape_draws(traffic: Traffic, n_draws: int, rng: np.random.Generator) -> Numbers:
    """Draw how often decisions of each type that ran alone are wrong, as far as labels say."""
    known = ~np.isnan(traffic.escaped[:, 0])
    found = np.full((n_draws, len(known)), np.nan)
    if known.any():
        wrong, labels = traffic.escaped[known].T
        found[:, known] = beta_draws(wrong, labels, n_draws, rng)
    return found


def project(world: World, means: Numbers, matrix: Numbers) -> Projected:
    """Return the shares of one arm under one policy.

    Args:
        world: what every projection shares.
        means: B x S x K, by stratum.
        matrix: cases by K, of which `means` are the means.
    """
    shares = world.drawn.shares[:, world.covered]
    summed = np.einsum("bs,bsk->bk", shares, means)
    wrong, right, undone_wrong, undone_right = np.split(summed[:, world.names.by_kind], 4, axis=1)
    rest = _observed(world)
    n_kinds, n_pools = len(world.traffic.kinds), len(world.names.pools)
    of_kind = np.zeros((len(shares), n_kinds, n_pools))
    of_kind[:, world.covered] = means[:, :, world.names.by_pool]
    of_kind[:, world.others] = _padded(world, world.drawn.routed[:, world.others, N_LANES:])
    of_wrong, of_right = world.people.of_wrong, world.people.of_right
    return Projected(
        lanes=summed[:, :N_LANES] + rest.lanes,
        pools=np.einsum("bt,btp->bp", world.drawn.shares, of_kind),
        of_kind=of_kind,
        overridden=(wrong * of_wrong + right * of_right).sum(axis=1) + rest.overridden,
        undone=(undone_wrong * of_wrong + undone_right * of_right).sum(axis=1) + rest.undone,
        wrong_alone=summed[:, N_LANES] + rest.wrong_alone,
        known_alone=summed[:, :_ALONE].sum(axis=1) + rest.known_alone,
        mass=_mass(world, matrix),
    )


def replayed(world: World) -> Projected:
    """Return the shares of the previous model by the log alone, every type as observed."""
    whole = replace(world, strata=())
    size = len(world.drawn.shares)
    return project(whole, np.zeros((size, 0, world.names.width)), np.zeros((0, world.names.width)))


@dataclass(frozen=True)
class _Rest:
    """The part of the types that no case speaks for."""

    lanes: Numbers
    overridden: Numbers
    undone: Numbers
    wrong_alone: Numbers
    known_alone: Numbers


def _observed(world: World) -> _Rest:
    others = world.others
    shares, routed = world.drawn.shares[:, others], world.drawn.routed[:, others]
    lanes = routed[:, :, :N_LANES]
    alone = lanes[:, :, :_ALONE].sum(axis=2)
    seen = routed[:, :, N_LANES:].sum(axis=2)
    after = np.maximum(0.0, seen - lanes[:, :, _ALONE:].sum(axis=2))
    rates, escaped = world.people.anyhow[:, others], world.escaped[:, others]
    known = ~np.isnan(escaped)
    return _Rest(
        lanes=np.einsum("bt,btl->bl", shares, lanes),
        overridden=(shares * seen * rates).sum(axis=1),
        undone=(shares * after * rates).sum(axis=1),
        wrong_alone=(shares * alone * np.nan_to_num(escaped)).sum(axis=1),
        known_alone=(shares * alone * known).sum(axis=1),
    )


def _padded(world: World, routed: Numbers) -> Numbers:
    more = len(world.names.pools) - routed.shape[2]
    return np.pad(routed, ((0, 0), (0, 0), (0, more)))


def point_weights(world: World, n_cases: int) -> Numbers:
    """Return what each case weighs in the estimate: the share of all decisions that it stands for."""
    weights = np.zeros(n_cases)
    for one in world.strata:
        ones = np.ones((1, int(one.clusters.max()) + 1))
        within = case_weights(one, ones, world.drawn.zones[:1, one.kind])[0]
        weights[one.cases] = within * world.drawn.shares[0, one.kind]
    return weights


def cluster_sums(world: World, values: Numbers) -> Numbers:
    """Return the sums of a value over the cases of each cluster."""
    if not world.strata:
        return np.zeros(1)
    cases = np.concatenate([one.cases for one in world.strata])
    clusters = np.concatenate([one.clusters for one in world.strata])
    return np.bincount(clusters, weights=values[cases]).astype(np.float64)


def _mass(world: World, matrix: Numbers) -> Mass:
    weights = point_weights(world, len(matrix))
    parts = (np.ones(len(matrix)), matrix[:, world.names.by_pool].sum(axis=1), matrix[:, :_ALONE].sum(axis=1))  # fmt: skip
    return Mass(*(_unit(cluster_sums(world, weights * part)) for part in parts))


def _unit(sums: Numbers) -> float:
    return effective_mass(sums) * float(sums.sum())
