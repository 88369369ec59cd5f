"""Which golden cases speak for which part of the traffic."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hitl.recalibrate.forecast.replies import RoutedArms, RoutedReply
from hitl.recalibrate.forecast.routing import Names, Places, Routed
from hitl.recalibrate.forecast.traffic import N_ZONES, Traffic
from hitl.stats.counts import Numbers

LEAST_CLUSTERS = 5
"""Independent cases below which a cell is joined with its neighbour, and a type is kept as observed."""


@dataclass(frozen=True)
class Paired:
    """Cases that both arms answered."""

    names: tuple[str, ...]
    previous: tuple[RoutedReply, ...]
    candidate: tuple[RoutedReply, ...]
    of_previous: Places
    """Case of each reply of the previous arm."""
    of_candidate: Places
    clusters: Places
    """Cluster of each case."""
    n_unanswered: int = 0
    """Cases of the golden set to which an arm lacks a usable reply."""

    @property
    def n_clusters(self) -> int:
        """Independent cases."""
        return int(self.clusters.max(initial=-1)) + 1


@dataclass(frozen=True)
class Cell:
    """One part of the traffic of an action type, and the cases that speak for it."""

    zones: tuple[int, ...]
    cases: Places
    """Places among the cases of the type."""


@dataclass(frozen=True)
class Stratum:
    """The cases that speak for one action type of the traffic."""

    kind: int
    """Place among the types of the traffic."""
    cases: Places
    cells: tuple[Cell, ...]
    clusters: Places
    """Cluster of each of its cases."""


def paired(arms: RoutedArms) -> Paired:
    """Return the replies to cases that both arms answered, the cases in the order of the previous arm."""
    answered = {one.case for one in arms.candidate}
    cases: dict[str, int] = {}
    clusters: dict[str, int] = {}
    of_case: list[int] = []
    for one in arms.previous:
        if one.case in answered and one.case not in cases:
            cases[one.case] = len(cases)
            of_case.append(clusters.setdefault(one.cluster, len(clusters)))
    previous = tuple(one for one in arms.previous if one.case in cases)
    candidate = tuple(one for one in arms.candidate if one.case in cases)
    return Paired(
        tuple(cases),
        previous,
        candidate,
        np.array([cases[one.case] for one in previous], dtype=np.int64),
        np.array([cases[one.case] for one in candidate], dtype=np.int64),
        np.array(of_case, dtype=np.int64),
        arms.n_unanswered,
    )


def strata_of(found: Paired, routed: Routed, names: Names, traffic: Traffic) -> tuple[Stratum, ...]:
    """Return which cases speak for which action type, by the first reply of the previous arm to each.

    Within a type the cases are cut by the zone of the confidence, as the traffic is. Zones with too few cases are
    joined with their neighbours, and types with too few are left out.
    """
    _, first = np.unique(found.of_previous, return_index=True)
    kinds, zones = routed.kind[first], routed.zone[first]
    strata = []
    for place, kind in enumerate(traffic.kinds):
        if kind not in names.kinds:
            continue
        cases = np.flatnonzero(kinds == names.kinds.index(kind))
        if len(np.unique(found.clusters[cases])) >= LEAST_CLUSTERS:
            clusters = found.clusters[cases]
            cells = _cells(zones[cases], clusters, traffic.daily[:, place].sum(axis=0))
            strata.append(Stratum(place, cases, cells, clusters))
    return tuple(strata)


def cell_sizes(strata: Sequence[Stratum], n_clusters: int) -> Numbers:
    """Return for each cluster how many there are in its cell, the smallest if it lies in several."""
    found = np.full(n_clusters, float(max(1, n_clusters)))
    for one in strata:
        for cell in one.cells:
            own = np.unique(one.clusters[cell.cases])
            found[own] = np.minimum(found[own], float(len(own)))
    return found


def _cells(zones: Places, clusters: Places, sizes: Numbers) -> tuple[Cell, ...]:
    groups: list[tuple[int, ...]] = [(zone,) for zone in range(N_ZONES)]
    while len(groups) > 1:
        short = [place for place, group in enumerate(groups) if _is_short(group, zones, clusters, sizes)]  # fmt: skip
        if not short:
            break
        left = max(0, short[0] - 1)
        groups[left : left + 2] = [groups[left] + groups[left + 1]]
    cells = [Cell(group, np.flatnonzero(np.isin(zones, group))) for group in groups]
    return tuple(one for one in cells if len(one.cases))


def _is_short(group: Sequence[int], zones: Places, clusters: Places, sizes: Numbers) -> bool:
    if not sizes[list(group)].sum():
        # Nothing to speak for; its cases, if any, weigh nothing.
        return False
    return len(np.unique(clusters[np.isin(zones, group)])) < LEAST_CLUSTERS
