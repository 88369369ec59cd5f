"""What labels of people show of a judge: agreement, errors in each arm, and whether that is enough."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hitl.score.judge.budget import label_budget
from hitl.score.judge.certificate_parts import (
    ONE_ARM,
    ArmErrors,
    Assessment,
    Basis,
    Estimate,
    JudgeMode,
    LabelCounts,
    Rate,
    Requirement,
)
from hitl.stats.agreement import (
    Agreement,
    Clustering,
    Weights,
    cohen_kappa,
    gwet_ac1,
    pair_ratings,
    raw_agreement,
)
from hitl.stats.proportion import exact_interval
from hitl.stats.two_rates import rate_difference

LEAST_KAPPA = 0.60
"""Kappa's lower limit must reach this: what is called substantial agreement."""
LEAST_SUM = 1.3
"""Sum of sensitivity and specificity below which a judge says too little; 1 is guessing."""
LEAST_CONFIDENCE = 0.95
"""Two-sided confidence that the requirements are held at: whoever labels does not choose a lower bar."""
LEAST_ITEMS = 50
"""Independent items below which no certificate is given."""
LEAST_OF_A_KIND = 20
"""Replies that people pass, and that people fail, in each arm."""
MOST_UNSCORED = 0.05
"""Share of the judge's answers that may be no label."""

Table = NDArray[np.int64]


def assess(counts: LabelCounts) -> Assessment:
    """Conclude from counts that are consistent; the same counts give the same answer."""
    by_label = sum((_table(arm.table) for arm in counts.tables), _empty(len(counts.labels)))
    basis = Basis.PASS_OR_FAIL if counts.positive else Basis.LABELS
    table = decision_table(by_label, counts.labels, counts.positive)
    clustering = Clustering(counts.n_clusters, counts.design_effect)
    kappa = cohen_kappa(table, counts.confidence, kappa_weights(counts), clustering)
    raw = raw_agreement(table, counts.confidence)
    arms = tuple(_arm_errors(counts)) if counts.positive else ()
    requirements = (
        *_sure_enough(counts),
        _enough_items(counts),
        _kappa_holds(kappa),
        _few_unscored(counts),
        *_not_steered(counts),
        *_arm_requirements(counts, arms),
    )
    return Assessment(
        basis=basis,
        agreement=Estimate(
            estimate=raw.estimate, low=raw.low, high=raw.high, method=raw.method, n=raw.n
        )
        if raw
        else _nothing("no item was labelled by both"),
        kappa=_estimate(kappa, counts.n_scored),
        ac1=_ac1(counts, table),
        label_kappa=_label_kappa(counts, by_label),
        arms=arms,
        flip_rate=_rate(counts.n_flipped, counts.n_swapped, counts.confidence)
        if counts.mode is JudgeMode.PAIRWISE and counts.n_swapped
        else None,
        requirements=requirements,
        warnings=tuple(_warnings(counts, arms, kappa)),
        budget=label_budget(kappa, clustering, arms, counts.confidence, (LEAST_KAPPA, LEAST_ITEMS)),
        valid=all(one.is_met for one in requirements),
        problems=tuple(one.message for one in requirements if not one.is_met),
    )


def decision_table(table: Table, labels: tuple[str, ...], positive: tuple[str, ...]) -> Table:
    """Return the table of fail and pass, or the table as it is where no label counts as a pass."""
    if not positive:
        return table
    passes = np.array([label in positive for label in labels])
    kinds = (~passes, passes)
    cells = [[int(table[np.ix_(row, column)].sum()) for column in kinds] for row in kinds]
    return np.array(cells, dtype=np.int64)


def kappa_weights(counts: LabelCounts) -> Weights:
    """Return how near labels count in the kappa that decides."""
    return "quadratic" if counts.ordinal and not counts.positive else "none"


def _ac1(counts: LabelCounts, table: Table) -> Estimate:
    found = gwet_ac1(pair_ratings(len(table)), counts.confidence, times=table.ravel())
    if counts.n_clusters < counts.n_scored:
        return _unbounded(found, counts.n_scored)
    return _estimate(found, counts.n_scored)


def _unbounded(found: Agreement, n: int) -> Estimate:
    """Without limits: the design effect is that of the kappa that decides, and fits nothing else."""
    method = "items share clusters, so no interval is given"
    return Estimate(estimate=_clipped(found.estimate), low=None, high=None, method=method, n=n)


def _label_kappa(counts: LabelCounts, by_label: Table) -> Estimate | None:
    if not counts.positive or len(counts.labels) < 3:
        return None
    weights: Weights = "quadratic" if counts.ordinal else "none"
    found = cohen_kappa(by_label, counts.confidence, weights)
    if counts.n_clusters < counts.n_scored:
        return _unbounded(found, counts.n_scored)
    return _estimate(found, counts.n_scored)


def _arm_errors(counts: LabelCounts) -> Iterator[ArmErrors]:
    for arm in counts.tables:
        table = decision_table(_table(arm.table), counts.labels, counts.positive)
        (fails_right, fails_wrong), (passes_wrong, passes_right) = table.tolist()
        yield ArmErrors(
            arm=arm.arm,
            n=int(table.sum()),
            sensitivity=_rate(passes_right, passes_right + passes_wrong, counts.confidence),
            specificity=_rate(fails_right, fails_right + fails_wrong, counts.confidence),
        )


def _sure_enough(counts: LabelCounts) -> Iterator[Requirement]:
    """Yield what is lacking where the limits were asked for at a lower confidence; nothing else."""
    if counts.confidence < LEAST_CONFIDENCE:
        yield Requirement(
            name="confidence",
            value=counts.confidence,
            limit=LEAST_CONFIDENCE,
            is_met=False,
            message=f"limits of confidence {counts.confidence:g} are shown; a certificate is given at {LEAST_CONFIDENCE} or more",
        )


def _enough_items(counts: LabelCounts) -> Requirement:
    is_met = counts.n_clusters >= LEAST_ITEMS
    return Requirement(
        name="items",
        value=float(counts.n_clusters),
        limit=float(LEAST_ITEMS),
        is_met=is_met,
        message=f"{counts.n_clusters} independent items are labelled; {LEAST_ITEMS} or more are asked for",
    )


def _kappa_holds(kappa: Agreement) -> Requirement:
    low = kappa.interval.low if kappa.interval else None
    is_met = low is not None and low >= LEAST_KAPPA
    if low is None:
        message = f"kappa cannot be bounded: {kappa.reason}"
    else:
        message = f"kappa is {kappa.estimate:.3f} and at least {low:.3f}; its lower limit must reach {LEAST_KAPPA:.2f}"
    return Requirement(name="kappa", value=low, limit=LEAST_KAPPA, is_met=is_met, message=message)


def _few_unscored(counts: LabelCounts) -> Requirement:
    asked = counts.n_scored + counts.n_unscored
    share = counts.n_unscored / asked if asked else None
    return Requirement(
        name="unscored",
        value=share,
        limit=MOST_UNSCORED,
        is_met=share is not None and share <= MOST_UNSCORED,
        message=f"{counts.n_unscored} of {asked} answers of the judge are no label; "
        f"{MOST_UNSCORED:.0%} at most may be",
    )


def _not_steered(counts: LabelCounts) -> Iterator[Requirement]:
    """Yield what the probes showed, where there were any."""
    if counts.n_probed:
        yield Requirement(
            name="not_steered",
            value=counts.n_steered / counts.n_probed,
            limit=0.0,
            is_met=counts.n_steered == 0,
            message=f"{counts.n_steered} of {counts.n_probed} failed replies pass once they order the judge to pass them; none may",
        )


def _arm_requirements(counts: LabelCounts, arms: tuple[ArmErrors, ...]) -> Iterator[Requirement]:
    if counts.mode is JudgeMode.PAIRWISE:
        return
    if not arms:
        message = "it is not said which labels count as a pass, so the judge's errors are unknown; name them with --positive or --at-least"
        yield Requirement(name="pass_labels", value=None, limit=1.0, is_met=False, message=message)
    for arm in arms:
        yield from _kinds(arm)
        yield _tells_apart(arm)


def _kinds(arm: ArmErrors) -> Iterator[Requirement]:
    for name, rate, word in (
        ("passes", arm.sensitivity, "pass"),
        ("failures", arm.specificity, "fail"),
    ):
        yield Requirement(
            name=name,
            arm=arm.arm,
            value=float(rate.n),
            limit=float(LEAST_OF_A_KIND),
            is_met=rate.n >= LEAST_OF_A_KIND,
            message=f"arm {arm.arm}: people {word} {rate.n} items; {LEAST_OF_A_KIND} or more are asked for",
        )


def _tells_apart(arm: ArmErrors) -> Requirement:
    rates = arm.sensitivity, arm.specificity
    total = sum(rate.k / rate.n for rate in rates) if all(rate.n for rate in rates) else None
    found = "cannot be known" if total is None else f"add up to {total:.2f}"
    return Requirement(
        name="tells_apart",
        arm=arm.arm,
        value=total,
        limit=LEAST_SUM,
        is_met=total is not None and total >= LEAST_SUM,
        message=f"arm {arm.arm}: sensitivity and specificity {found}; {LEAST_SUM} or more is asked for, 1.0 is guessing",
    )


def _warnings(counts: LabelCounts, arms: tuple[ArmErrors, ...], kappa: Agreement) -> Iterator[str]:
    if counts.mode is JudgeMode.SCORE and len(counts.tables) == 1:
        arm = counts.tables[0].arm
        start = (
            "the labels do not say which arm a reply came from"
            if arm == ONE_ARM
            else f"only the arm {arm} is labelled"
        )
        yield f"{start}, so it is not known whether the judge errs differently between the arms"
    if len(arms) == 2:
        yield from _uneven(arms[0], arms[1], counts.confidence)
    if counts.n_ties:
        yield f"{counts.n_ties} items are left out because people disagreed without a majority"
    if counts.n_unlabelled:
        yield f"{counts.n_unlabelled} items are left out because nobody labelled them"
    if (
        kappa.observed is not None
        and kappa.observed >= 0.9
        and (kappa.estimate or 0.0) < LEAST_KAPPA
    ):
        yield f"judge and people agree on {kappa.observed:.1%}, and chance alone would on {kappa.by_chance:.1%}: one label is rare here; label more items of it"
    if not counts.n_probed:
        yield "no failed reply was put to the judge again with an order to pass it, so it is not known whether a reply can steer it"


def _uneven(first: ArmErrors, second: ArmErrors, confidence: float) -> Iterator[str]:
    for name in ("sensitivity", "specificity"):
        one, other = getattr(first, name), getattr(second, name)
        if not (one.n and other.n):
            continue
        gap = rate_difference((one.k, one.n), (other.k, other.n), confidence)
        if gap.low > 0.0 or gap.high < 0.0:
            yield (
                f"the judge errs differently between the arms: {name} is {one.k} of {one.n} in {first.arm} and "
                f"{other.k} of {other.n} in {second.arm}, a difference of {100 * gap.estimate:+.1f} points "
                f"({100 * gap.low:+.1f} to {100 * gap.high:+.1f}); the difference of pass rates that it sees cannot be read as it stands"
            )


def _estimate(found: Agreement, n: int) -> Estimate:
    interval = found.interval
    return Estimate(
        estimate=_clipped(found.estimate),
        low=_clipped(interval.low) if interval else None,
        high=_clipped(interval.high) if interval else None,
        method=interval.method if interval else found.reason,
        n=n,
    )


def _clipped(value: float | None) -> float | None:
    """Take away what rounding adds beyond -1 and 1."""
    return None if value is None else min(1.0, max(-1.0, value))


def _nothing(reason: str) -> Estimate:
    return Estimate(estimate=None, low=None, high=None, method=reason, n=0)


def _rate(k: int, n: int, confidence: float) -> Rate:
    bound = exact_interval(k, n, confidence) if n else None
    return Rate(k=k, n=n, low=bound.low if bound else None, high=bound.high if bound else None)


def _table(rows: tuple[tuple[int, ...], ...]) -> Table:
    return np.array(rows, dtype=np.int64)


def _empty(size: int) -> Table:
    return np.zeros((size, size), dtype=np.int64)
