"""What is each item, when raters err each in their own way? Their errors are learned from their votes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hitl.stats.counts import Counts, Numbers
from hitl.stats.overlap import count_groups

MISSING = -1
UNDECIDED = -1
FEWEST_ITEMS = 10
"""Items that each rater needs: fewer show no errors to learn."""
FEWEST_RATERS = 3
"""Of two raters nothing says which one errs."""
SMOOTHING = 0.01
"""Votes added to each cell of a rater's table, so that what was never seen stays possible."""
SETTLED = 1e-8
"""Largest change of a probability that ends the search."""
MOST_ITERATIONS = 2_000
_TIE = 1e-6

Tensor = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DawidSkene:
    """Labels weighted by what each rater's votes are worth, or the reason why there are none.

    With a ``reason`` every label is undecided and nothing else may be read but ``majority``.
    """

    labels: Counts
    """Most probable class of each item; -1 where two are equally so or nobody voted."""
    posterior: Numbers
    """Items by classes; NaN where nobody voted."""
    held_out: Numbers
    """The same with shares and tables of errors learned from the other items alone: an item whose votes are like no
    other's teaches the errors that explain it, and is then sure of itself."""
    class_shares: Numbers
    """Share of each class."""
    raters: Counts
    """Whose each table of ``confusion`` is, rising."""
    confusion: Tensor
    """Raters by true classes by votes; each row sums to 1."""
    majority: Counts
    """Class with more than half of an item's votes; -1 where none has."""
    n_flipped: int
    """Items whose label is not their majority."""
    n_settled: int
    """Items with a label and without a majority."""
    iterations: int
    n_items: int
    """Items with a vote."""
    n_votes: int
    reason: str = ""


def dawid_skene(votes: Counts, categories: int, raters: Counts | None = None) -> DawidSkene:
    """Find the classes that best explain all votes, if each rater has a fixed table of errors.

    Expectation and maximisation in turn, from each item's shares of votes, until no probability moves by more than
    1e-8. The same votes give the same answer; the order of items and of raters changes nothing.

    Assumes that raters err independently of each other given the class, and alike on all items of a class. Raters who
    copy each other, or share a mistake, look right. The probabilities are too sure where items differ in difficulty.

    It needs many items. In simulations of three raters who are right 8 times in 10, with three classes, labels of items with
    a majority are right in 92 % at 60 items, where the majority is right in 94 %; at 1,000 items both are alike. One rater
    right 98 times in 100 beside two right 6 times in 10 lifts 91 % to 95 % at 200 items and to 97 % at 1,000.

    Refuses, with a ``reason``:

    - fewer than 3 raters, as nothing says which of two errs;
    - a rater with fewer than 10 items;
    - raters who fall into groups without a common item, as nothing compares the groups;
    - votes that all are of one class, and a search that does not settle in 2,000 steps.

    Args:
        votes: items by columns; classes 0, 1, ..., and -1 for no vote.
        categories: how many classes there are.
        raters: whose votes each column holds, any integers; a rater who voted several times on an item has several
            columns. One rater a column by default.

    Raises:
        ValueError: for votes that are not two-dimensional whole numbers from -1 to ``categories - 1``, fewer than two
            classes, or raters that do not fit the columns.

    Source: Dawid and Skene (1979), Applied Statistics 28, 20.
    """
    columns = _checked(votes, categories, raters)
    names, place = np.unique(columns, return_inverse=True)
    table = _tallied(votes, place, len(names), categories)
    voted = table.sum(axis=(1, 2)) > 0
    majority = _majority(table)
    reason = _refusal(table, names)
    if reason:
        return _refused(majority, names, categories, table, reason)
    found = _searched(table[voted])
    if found.change > SETTLED:
        reason = f"the search did not settle in {MOST_ITERATIONS} steps"
        return _refused(majority, names, categories, table, reason)
    posterior = np.full((len(votes), categories), np.nan)
    posterior[voted] = found.posterior
    held_out = posterior.copy()
    held_out[voted] = _held_out(table[voted], found.posterior)
    labels = np.full(len(votes), UNDECIDED, dtype=np.int64)
    labels[voted] = _most_probable(found.posterior)
    decided = labels != UNDECIDED
    return DawidSkene(
        labels=labels,
        posterior=posterior,
        held_out=held_out,
        class_shares=found.class_shares,
        raters=names,
        confusion=found.confusion,
        majority=majority,
        n_flipped=int(np.count_nonzero(decided & (majority != UNDECIDED) & (labels != majority))),
        n_settled=int(np.count_nonzero(decided & (majority == UNDECIDED))),
        iterations=found.iterations,
        n_items=int(np.count_nonzero(voted)),
        n_votes=int(table.sum()),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    posterior: Numbers
    class_shares: Numbers
    confusion: Tensor
    iterations: int
    change: float


def _searched(table: Tensor) -> _Found:
    items, raters, classes = table.shape
    flat = table.reshape(items, raters * classes)
    posterior = table.sum(axis=1) / table.sum(axis=(1, 2))[:, None]
    change, step = np.inf, 0
    shares, confusion = _parameters(flat, posterior, raters)
    while change > SETTLED and step < MOST_ITERATIONS:
        step += 1
        surprise = np.log(confusion).transpose(1, 0, 2).reshape(classes, raters * classes)
        # A class that no item has any more must not come back as a division of 0 by 0.
        weights = flat @ surprise.T + np.log(np.maximum(shares, 1e-300))
        new = np.exp(weights - weights.max(axis=1, keepdims=True))
        new /= new.sum(axis=1, keepdims=True)
        change, posterior = float(np.abs(new - posterior).max()), new
        shares, confusion = _parameters(flat, posterior, raters)
    return _Found(posterior, shares, confusion, step, change)


def _parameters(flat: Numbers, posterior: Numbers, raters: int) -> tuple[Numbers, Tensor]:
    classes = posterior.shape[1]
    counts = (posterior.T @ flat).reshape(classes, raters, classes).transpose(1, 0, 2) + SMOOTHING
    shares: Numbers = posterior.mean(axis=0)
    return shares, counts / counts.sum(axis=2, keepdims=True)


def _held_out(table: Tensor, posterior: Numbers) -> Numbers:
    """Judge each item by what the others teach."""
    counts = np.einsum("ik,irv->rkv", posterior, table) + SMOOTHING
    shares = np.maximum(posterior.sum(axis=0) - posterior, 1e-300)
    weights = np.log(shares)
    for item, (votes, own) in enumerate(zip(table, posterior, strict=True)):
        raters, said = np.nonzero(votes)
        given = own * votes[raters, said][:, None]
        cells = np.maximum(counts[raters, :, said] - given, SMOOTHING)
        rows = counts[raters].sum(axis=2) - own * votes[raters].sum(axis=1)[:, None]
        weights[item] += votes[raters, said] @ np.log(cells / np.maximum(rows, cells))
    found = np.exp(weights - weights.max(axis=1, keepdims=True))
    judged: Numbers = found / found.sum(axis=1, keepdims=True)
    return judged


def _most_probable(posterior: Numbers) -> Counts:
    ordered = np.sort(posterior, axis=1)
    is_tie = ordered[:, -1] - ordered[:, -2] <= _TIE
    return np.where(is_tie, UNDECIDED, posterior.argmax(axis=1)).astype(np.int64)


def _majority(table: Tensor) -> Counts:
    counts = table.sum(axis=1)
    has_most = 2.0 * counts.max(axis=1, initial=0.0) > counts.sum(axis=1)
    return np.where(has_most, counts.argmax(axis=1), UNDECIDED).astype(np.int64)


def _refusal(table: Tensor, names: Counts) -> str:
    by_rater = table.sum(axis=2) > 0
    n_items = by_rater.sum(axis=0)
    few = names[n_items < FEWEST_ITEMS]
    groups = count_groups(by_rater)
    if len(names) < FEWEST_RATERS:
        return f"{len(names)} raters do not show who errs; expected {FEWEST_RATERS} or more"
    if few.size:
        return f"{few.size} of {len(names)} raters have fewer than {FEWEST_ITEMS} items, the fewest {int(n_items.min())}"
    if groups > 1:
        return f"the raters fall into {groups} groups that share no item"
    if np.count_nonzero(table.sum(axis=(0, 1))) < 2:
        return "all votes are of one class, which shows no errors"
    return ""


def _refused(
    majority: Counts, names: Counts, categories: int, table: Tensor, reason: str
) -> DawidSkene:
    items = len(majority)
    return DawidSkene(
        labels=np.full(items, UNDECIDED, dtype=np.int64),
        posterior=np.full((items, categories), np.nan),
        held_out=np.full((items, categories), np.nan),
        class_shares=np.full(categories, np.nan),
        raters=names,
        confusion=np.full((len(names), categories, categories), np.nan),
        majority=majority,
        n_flipped=0,
        n_settled=0,
        iterations=0,
        n_items=int(np.count_nonzero(table.sum(axis=(1, 2)))),
        n_votes=int(table.sum()),
        reason=reason,
    )


def _tallied(votes: Counts, place: NDArray[np.intp], raters: int, categories: int) -> Tensor:
    """Count votes by item, rater and class."""
    rows, columns = np.nonzero(votes != MISSING)
    cells = (rows * raters + place[columns]) * categories + votes[rows, columns]
    counts = np.bincount(cells, minlength=len(votes) * raters * categories)
    return counts.reshape(len(votes), raters, categories).astype(np.float64)


def _checked(votes: Counts, categories: int, raters: Counts | None) -> Counts:
    if votes.ndim != 2 or not np.issubdtype(votes.dtype, np.integer):
        raise ValueError("expected whole numbers, items by raters")
    if categories < 2:
        raise ValueError(f"expected two classes or more, not {categories}")
    if votes.size and not (votes.min() >= MISSING and votes.max() < categories):
        raise ValueError(f"expected votes from {MISSING} to {categories - 1}")
    columns = np.arange(votes.shape[1]) if raters is None else raters
    if columns.shape != votes.shape[1:]:
        raise ValueError(f"expected {votes.shape[1]} raters, one for each column")
    return columns.astype(np.int64)
