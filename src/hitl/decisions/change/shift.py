"""How far confidence and the mix of action types moved, beyond what two samples differ anyway."""

import numpy as np

from hitl.decisions.change.parts import DistributionPart
from hitl.decisions.change.rows import BANDS, Rows
from hitl.decisions.change.rules import ComparisonRules
from hitl.decisions.change.words import Mix
from hitl.decisions.counts import Integers
from hitl.decisions.measures.measured import Basis, rounded
from hitl.decisions.measures.words import Stand
from hitl.stats.distribution import jensen_shannon, psi

_KEYS = {Mix.CONFIDENCE: "confidence_band", Mix.ACTION_TYPE: "action_type"}
_HAS = {Mix.CONFIDENCE: "have a confidence", Mix.ACTION_TYPE: "have an action type"}
_ALIKE = (
    "the limit takes decisions as independent; those of one day are alike, and exceed it more often"
)


def shifts(before: Rows, after: Rows, rules: ComparisonRules) -> tuple[DistributionPart, ...]:
    """Return how far each distribution moved, or why that cannot be said."""
    return tuple(_shift(mix, before, after, rules) for mix in Mix)


def _shift(mix: Mix, before: Rows, after: Rows, rules: ComparisonRules) -> DistributionPart:
    counts = [_counted(one, mix) for one in (before, after)]
    known = [int(one.sum()) for one in counts]
    bases = [Basis(one.n, n, _HAS[mix]) for one, n in zip((before, after), known, strict=True)]
    unattributed = max(basis.unattributed or 0.0 for basis in bases)
    for name, basis in zip(("before", "after"), bases, strict=True):
        if reason := basis.refusal(rules.coverage_floor):
            return _refused(mix, f"{name}: {reason}", known, unattributed)
    found = psi(counts[0], counts[1], rules.confidence)
    if found.value is None or found.limit is None:
        return _refused(mix, f"one value only: {found.reason}", known, unattributed)
    return DistributionPart(
        mix=mix,
        stand=Stand.MEASURED,
        reason=_ALIKE,
        psi=rounded(found.value),
        limit=rounded(found.limit),
        is_beyond_chance=found.value > found.limit,
        jensen_shannon=rounded(jensen_shannon(counts[0], counts[1], rules.confidence).value),
        n_before=known[0],
        n_after=known[1],
        unattributed=rounded(unattributed) or 0.0,
    )


def _refused(mix: Mix, reason: str, known: list[int], unattributed: float) -> DistributionPart:
    return DistributionPart(
        mix=mix,
        stand=Stand.REFUSED,
        reason=reason,
        n_before=known[0],
        n_after=known[1],
        unattributed=rounded(unattributed) or 0.0,
    )


def _counted(rows: Rows, mix: Mix) -> Integers:
    key = _KEYS[mix]
    size = BANDS - 1 if mix is Mix.CONFIDENCE else len(rows.words.get(key, ()))
    counts = np.zeros(size, dtype=np.int64)
    known = rows.has(key)
    np.add.at(counts, rows.keys[key][known], rows.sums["n"][known])
    return counts
