"""Counts of a log as fourfold tables: one reviewer beside all others, within action types and pools."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hitl.decisions.counts import Table
from hitl.decisions.words import HumanAction

OVERRIDDEN = (HumanAction.MODIFY.value, HumanAction.REJECT.value)
_ACTED = (HumanAction.APPROVE.value, *OVERRIDDEN, HumanAction.ESCALATE.value)
_STRATUM = ("action_type", "reviewer_pool")
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Work:
    """Decisions of all reviewers: how many have a trait, of how many, by stratum and reviewer."""

    reviewers: tuple[str, ...]
    k: Integers
    """Strata by reviewers."""
    n: Integers

    def of(self, reviewer: int) -> tuple[int, int]:
        """Return (k, n) of one reviewer."""
        return int(self.k[:, reviewer].sum()), int(self.n[:, reviewer].sum())

    def of_others(self, reviewer: int) -> tuple[int, int]:
        """Return (k, n) of all others in the strata in which the reviewer decides."""
        there = self.n[:, reviewer] > 0
        k, n = self.k[there], self.n[there]
        return int(k.sum() - k[:, reviewer].sum()), int(n.sum() - n[:, reviewer].sum())

    def beside_others(self, reviewer: int) -> Integers:
        """Return strata by (one, others) by (with the trait, without)."""
        mine_k, mine_n = self.k[:, reviewer], self.n[:, reviewer]
        rest_k, rest_n = self.k.sum(axis=1) - mine_k, self.n.sum(axis=1) - mine_n
        return fourfold((mine_k, mine_n), (rest_k, rest_n))


def fourfold(first: tuple[Integers, Integers], second: tuple[Integers, Integers]) -> Integers:
    """Return strata by group by (event, no event) from each group's (events, rows) by stratum."""
    rows = [np.stack([k, n - k], axis=1) for k, n in (first, second)]
    return np.stack(rows, axis=1)


def acted(reviewers: Table) -> Table:
    """Return the lines on which a person decided, without planted errors."""
    return reviewers.where(human_action=_ACTED, seeded=0)


def overrides(lines: Table, names: tuple[str, ...], strata: "Strata") -> Work:
    """Count modified and rejected decisions among those that people acted on."""
    return strata.work(names, lines.where(human_action=OVERRIDDEN), lines)


def approvals(lines: Table, names: tuple[str, ...], strata: "Strata") -> Work:
    """Count approvals."""
    return strata.work(names, lines.where(human_action=HumanAction.APPROVE.value), lines)


def escalations(lines: Table, names: tuple[str, ...], strata: "Strata") -> Work:
    """Count escalations by people."""
    return strata.work(names, lines.where(human_action=HumanAction.ESCALATE.value), lines)


def fast_approvals(lines: Table, names: tuple[str, ...], strata: "Strata") -> Work:
    """Count quick approvals among the approvals whose time is known."""
    approved = lines.where(human_action=HumanAction.APPROVE.value)
    return strata.work(names, approved, approved, "sum_is_fast", "n_is_fast")


class Strata:
    """Action types within pools, numbered."""

    def __init__(self, lines: Table) -> None:
        found = lines.by(*_STRATUM).lines()
        self._places = {
            (line["action_type"], line["reviewer_pool"]): at for at, line in enumerate(found)
        }

    def work(
        self, names: tuple[str, ...], some: Table, all_: Table, k: str = "n", n: str = "n"
    ) -> Work:
        """Sum a measure of some lines, and one of all lines, by stratum and reviewer."""
        return Work(names, self._sums(names, some, k), self._sums(names, all_, n))

    def _sums(self, names: tuple[str, ...], lines: Table, measure: str) -> Integers:
        found = np.zeros((len(self._places), len(names)), dtype=np.int64)
        columns = {name: at for at, name in enumerate(names)}
        for line in lines.by("reviewer_id", *_STRATUM).lines():
            row = self._places[line["action_type"], line["reviewer_pool"]]
            column = columns.get(str(line["reviewer_id"]))
            if column is not None:
                found[row, column] += int(line[measure] or 0)
        return found
