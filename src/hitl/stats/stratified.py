"""How often are all decisions wrong, when those with a label are no random sample?"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from hitl.stats.counts import Counts, Numbers, checked_counts, checked_shares
from hitl.stats.interval import Interval, one_sided_level
from hitl.stats.proportion import exact_interval, lower_limit, upper_limit


@dataclass(frozen=True, slots=True)
class StratifiedRate:
    """An error rate among all rows, estimated from the labelled ones.

    ``effective_n`` is Kish's: a random sample of that many labels would be weighted as evenly.
    ``unlabelled_share`` is the share of all rows in strata without any label. Where it is above
    0 there is no interval, and ``reason`` names those strata by their index.
    """

    interval: Interval | None
    n_all: int
    n: int
    k: int
    effective_n: float
    unlabelled_share: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Corrected:
    """A rate of found errors, divided by the share of errors that is found."""

    interval: Interval | None
    detection: Interval | None
    caught: int
    seeded: int
    reason: str = ""


def stratified_rate(
    sizes: Counts, labelled: Counts, errors: Counts, confidence: float = 0.95
) -> StratifiedRate:
    """Bound the error rate of all rows from labels that were drawn at a rate of each stratum.

    The estimate is ``sum w_s k_s / n_s``, with w_s the stratum's share of all rows. A limit is
    ``sum w_s limit_s``, each limit_s exact (Clopper-Pearson) at an S-th of the error level, so
    it holds whatever the rates are; it is wider than it need be.

    Assumes that labels are a random sample within each stratum, that a label is right (see
    `corrected_for_detection`), and independent rows.

    Args:
        sizes: all rows of each stratum, labelled or not.
        labelled: rows with a label.
        errors: labelled rows that are wrong.
        confidence: two-sided, strictly between 0 and 1. For a one-sided 95 % limit give 0.9.

    Returns:
        No interval where a stratum has rows and no label: nothing speaks for it.

    Raises:
        ValueError: for counts that are no counts or not errors <= labelled <= sizes, no row at
            all, or a confidence outside (0, 1).

    Source: Neyman (1934), Journal of the Royal Statistical Society 97, 558, for the estimate;
    the limit is Bonferroni's.

    >>> found = stratified_rate(np.array([900, 100]), np.array([50, 100]), np.array([1, 10]))
    >>> round(found.interval.estimate, 3), round(found.effective_n, 1)
    (0.028, 61.3)
    """
    level = one_sided_level(confidence)
    sizes, labelled, errors = _checked(sizes, labelled, errors)
    refused = _refused(sizes, labelled, errors)
    if refused:
        return refused
    sizes, labelled, errors = (of[sizes > 0] for of in (sizes, labelled, errors))
    shares = sizes / sizes.sum()
    each = 1.0 - level / sizes.size
    pairs = [(int(k), int(n)) for k, n in zip(errors, labelled, strict=True)]
    low = float(shares @ np.array([lower_limit(k, n, each) for k, n in pairs]))
    high = float(shares @ np.array([upper_limit(k, n, each) for k, n in pairs]))
    rate, method = float(shares @ (errors / labelled)), "stratified clopper-pearson"
    interval = Interval(rate, low, min(1.0, high), confidence, method, int(labelled.sum()))
    kish = 1.0 / float((shares * shares / labelled).sum())
    return _found(interval, sizes, labelled, errors, kish)


def weighted_rate(
    sizes: Counts,
    probability: Numbers,
    labelled: Counts,
    errors: Counts,
    confidence: float = 0.95,
) -> StratifiedRate:
    """Bound the error rate of all rows, each label weighted by one over its chance of review.

    Hájek's ratio ``sum (k / π) / sum (n / π)``, for many groups with few labels each, where
    `stratified_rate` would be wide. The limits are Clopper-Pearson's at the number of even labels
    with the same variance, at most the number of labels. The variance takes half an error more
    in each group, so that groups where no error was found yet are not taken as free of them.

    Assumes that each row was reviewed with the chance that is given, by itself, and that a label
    is right. The limits are approximate: `stratified_rate` has exact ones.

    Args:
        sizes: all rows of each group, labelled or not.
        probability: the chance of review of the rows of each group, 0 to 1.
        labelled: rows with a label.
        errors: labelled rows that are wrong.
        confidence: two-sided, strictly between 0 and 1.

    Returns:
        No interval where a group has rows, but no chance of review or no label.

    Raises:
        ValueError: as `stratified_rate`; for a chance outside [0, 1], and for labels in a group
            that had no chance of any.

    Source: Hájek (1971), comment in Foundations of Statistical Inference, 236.
    """
    level = one_sided_level(confidence)
    sizes, labelled, errors = _checked(sizes, labelled, errors)
    probability = checked_shares(probability, "probability", sizes.shape)
    if np.any(labelled[probability == 0.0] > 0):
        raise ValueError("a group with a review probability of 0 has labels; give the true one")
    refused = _refused(sizes, labelled, errors)
    if refused:
        return refused
    some = sizes > 0
    sizes, labelled, errors = sizes[some], labelled[some], errors[some]
    weight = 1.0 / probability[some]
    total = float(labelled @ weight)
    rate = float(errors @ weight) / total
    kish = total * total / float(labelled @ (weight * weight))
    own = (errors + 0.5) / (labelled + 1.0)
    spread = own * (1.0 - own) + (own - rate) ** 2
    variance = float((labelled * weight * weight) @ spread) / (total * total)
    middle = float((labelled * weight) @ own) / total
    even = min(float(labelled.sum()), middle * (1.0 - middle) / variance)
    low = float(betaincinv(rate * even, (1.0 - rate) * even + 1.0, level)) if rate > 0.0 else 0.0
    high = 1.0
    if rate < 1.0:
        high = float(betaincinv(rate * even + 1.0, (1.0 - rate) * even, 1.0 - level))
    method = "hájek, clopper-pearson at the effective n"
    interval = Interval(rate, low, high, confidence, method, int(labelled.sum()))
    return _found(interval, sizes, labelled, errors, kish)


def corrected_for_detection(rate: Interval, caught: int, seeded: int) -> Corrected:
    """Divide a rate of found errors by the share of errors that reviewers find.

    The share is that of known-bad items, slipped in among the others, that were caught. A limit
    of the quotient divides one limit by the opposite limit of the share, each at the confidence
    of ``rate``; so it holds at ``2 * confidence - 1`` (give 0.975 for 0.95), without any
    approximation. Limits lie in [0, 1], and so does the estimate.

    Assumes that seeded items are as easy to catch as the errors of the rate, that they are
    handled independently, and that nothing right is called an error.

    Returns:
        No interval where no item was seeded or none was caught.

    Raises:
        ValueError: for counts that are not 0 <= caught <= seeded, a rate outside [0, 1], or a
            confidence of the rate of one half or less.

    >>> rate = Interval(0.03, 0.02, 0.04, 0.975, "any", 500)
    >>> round(corrected_for_detection(rate, 60, 100).interval.estimate, 3)
    0.05
    """
    if not 0 <= caught <= seeded:
        raise ValueError(f"expected 0 <= caught <= seeded, not {caught} of {seeded}")
    if not 0.0 <= rate.low <= rate.estimate <= rate.high <= 1.0 or rate.confidence <= 0.5:
        raise ValueError("expected limits in [0, 1] and a confidence above 0.5")
    if seeded == 0:
        return Corrected(None, None, caught, seeded, "no known-bad item was seeded")
    detection = exact_interval(caught, seeded, rate.confidence)
    if caught == 0:
        reason = f"none of {seeded} known-bad items was caught, so any rate could lie behind this"
        return Corrected(None, detection, caught, seeded, reason)
    interval = Interval(
        estimate=min(1.0, rate.estimate / detection.estimate),
        low=min(1.0, rate.low / detection.high),
        high=min(1.0, rate.high / detection.low),
        confidence=2.0 * rate.confidence - 1.0,
        method=f"{rate.method}, over detection",
        n=rate.n,
    )
    return Corrected(interval, detection, caught, seeded)


def _checked(sizes: Counts, labelled: Counts, errors: Counts) -> tuple[Counts, Counts, Counts]:
    sizes = checked_counts(sizes, "sizes")
    if sizes.ndim != 1:
        raise ValueError("expected one size for each stratum")
    labelled = checked_counts(labelled, "labelled", sizes.shape)
    errors = checked_counts(errors, "errors", sizes.shape)
    if np.any(errors > labelled) or np.any(labelled > sizes):
        raise ValueError("expected errors <= labelled <= sizes in each stratum")
    if sizes.sum() < 1:
        raise ValueError("no row at all is no evidence; expected a size of 1 in some stratum")
    return sizes, labelled, errors


def _refused(sizes: Counts, labelled: Counts, errors: Counts) -> StratifiedRate | None:
    silent = np.flatnonzero((sizes > 0) & (labelled == 0))
    if not silent.size:
        return None
    rows = int(sizes.sum())
    share = math.fsum(sizes[silent].tolist()) / rows
    named = ", ".join(str(index) for index in silent.tolist())
    reason = f"no label in stratum {named}, which holds {share:.1%} of the rows"
    labels, wrong = int(labelled.sum()), int(errors.sum())
    return StratifiedRate(None, rows, labels, wrong, 0.0, share, reason)


def _found(
    interval: Interval, sizes: Counts, labelled: Counts, errors: Counts, kish: float
) -> StratifiedRate:
    rows, labels, wrong = (int(of.sum()) for of in (sizes, labelled, errors))
    return StratifiedRate(interval, rows, labels, wrong, kish, 0.0)
