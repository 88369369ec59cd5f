"""How many labels would certify a judge that goes on as it does."""

import math
from collections.abc import Callable

from scipy.special import ndtri

from hitl.score.judge.certificate_parts import ArmErrors, LabelBudget, Rate
from hitl.stats.agreement import Agreement, Clustering, complete_agreement_limit
from hitl.stats.interval import one_sided_level
from hitl.stats.proportion import exact_interval

WIDEST = 0.10
"""Half the width that an error rate's interval should have at most."""
MOST_LABELS = 1_000_000
"""More than anybody labels."""


def label_budget(
    kappa: Agreement,
    clustering: Clustering,
    arms: tuple[ArmErrors, ...],
    confidence: float,
    least: tuple[float, int],
) -> LabelBudget:
    """Return how many labels the present rates call for; `least` is kappa's bar and the fewest items."""
    items = _items_for_kappa(kappa, clustering, one_sided_level(confidence), least)
    per_arm = _labels_per_arm(arms, confidence)
    parts = [_kappa_words(kappa, items, clustering.n_clusters, least[0])]
    if per_arm is not None:
        parts.append(
            f"about {per_arm} labels in each arm bound both error rates to {WIDEST:.2f} either way"
        )
    elif arms:
        parts.append("an arm without replies of both kinds says nothing of the judge's errors")
    return LabelBudget(items_for_kappa=items, labels_per_arm=per_arm, message="; ".join(parts))


def _kappa_words(kappa: Agreement, items: int | None, n: int, bar: float) -> str:
    if kappa.estimate is None or kappa.standard_error is None:
        return f"how many labels would do cannot be told: {kappa.reason}"
    if items is None:
        return f"more labels would not help: kappa itself, {kappa.estimate:.3f}, is not above {bar:.2f}; mend the rubric or the judge"
    return f"at this kappa {items} independent items bring its lower limit to {bar:.2f} ({n} are there)"


def _items_for_kappa(
    kappa: Agreement, clustering: Clustering, level: float, least: tuple[float, int]
) -> int | None:
    bar, fewest = least
    estimate, chance = kappa.estimate, kappa.by_chance
    if estimate is None or chance is None or kappa.standard_error is None or estimate <= bar:
        return None
    spread = -float(ndtri(level)) * kappa.standard_error * math.sqrt(clustering.n_clusters)

    def reaches(items: int) -> bool:
        low = estimate - spread / math.sqrt(items) - 1.0 / (items * (1.0 - chance))
        return min(low, complete_agreement_limit(items, level, chance)) >= bar

    return _fewest(reaches, fewest)


def _labels_per_arm(arms: tuple[ArmErrors, ...], confidence: float) -> int | None:
    needed = 0
    for arm in arms:
        for rate in (arm.sensitivity, arm.specificity):
            if not rate.n:
                return None
            needed = max(needed, math.ceil(_of_a_kind(rate, confidence) * arm.n / rate.n))
    return needed or None


def _of_a_kind(rate: Rate, confidence: float) -> int:
    """Items of one kind whose exact interval at the present rate is narrow enough."""
    n = 1
    while True:
        bound = exact_interval((2 * rate.k * n + rate.n) // (2 * rate.n), n, confidence)
        if bound.high - bound.low <= 2.0 * WIDEST:
            return n
        n += 1


def _fewest(holds: Callable[[int], bool], least: int) -> int | None:
    low, high = least - 1, least
    while not holds(high):
        low, high = high, 2 * high
        if high > MOST_LABELS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
