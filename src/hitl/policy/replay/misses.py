"""How many wrong decisions would run alone, as far as labels can say."""

from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np
from scipy.stats import hypergeom

from hitl.decisions.scores import LabelsByAction
from hitl.policy.replay.parts import Misses
from hitl.policy.replay.tally import UNKNOWN_PROBABILITY, Kind
from hitl.stats.stratified import stratified_rate

CONFIDENCE = 0.95
FAR_FEWER = 0.9
"""Share of labelled overrides, over that of labelled approvals, below which labels leave errors out."""
_LEVEL = 0.01
Stratum = tuple[Kind, int]
_NO_CHANCE = "the log has no review_probability, so its labels speak for the labelled decisions alone; write it when the lane is chosen"


class _Labels:
    """Decisions of one stratum."""

    def __init__(self) -> None:
        self.n = self.labelled = self.wrong = 0

    def add(self, label: bool | None, n: int) -> None:  # noqa: FBT001  # a column's value
        self.n += n
        self.labelled += n if label is not None else 0
        self.wrong += n if label is False else 0


def expected_misses(
    alone: Counter[tuple[Kind, int, bool | None]], labelled: LabelsByAction
) -> tuple[Misses, ...]:
    """Return the expected misses of all decisions that would run alone, then by action type.

    A stratum is one review probability, within an action type or over all. Labels are taken as a random sample of
    their stratum, and as right; a stratum without a label, and decisions without a review probability, cannot be said.
    Where the log has fewer labels of what people overrode than of what they approved, labels are no random sample, and
    nothing can be said.
    """
    chosen = _chosen(labelled)
    strata: dict[Stratum, _Labels] = defaultdict(_Labels)
    joined: dict[Stratum, _Labels] = defaultdict(_Labels)
    for (kind, chance, label), n in alone.items():
        strata[kind, chance].add(label, n)
        joined[None, chance].add(label, n)
    kinds = sorted({kind for kind, _ in strata}, key=lambda kind: (kind is None, kind or ""))
    by_type = [
        _misses({key: one for key, one in strata.items() if key[0] == kind}, kind, chosen)
        for kind in kinds
    ]
    return (_misses(joined, None, chosen, is_total=True), *by_type)


def _chosen(labelled: LabelsByAction) -> str:
    """Return why labels speak for nothing because errors have fewer of them; empty if they do not."""
    n, k = labelled.n_overridden, labelled.n_overridden_labelled
    others, of = labelled.n_approved, labelled.n_approved_labelled
    if not n or not others or k * others >= FAR_FEWER * of * n:
        return ""
    # Fisher's test: as few or fewer of the labels would fall on overrides.
    if float(hypergeom.cdf(k, n + others, k + of, n)) >= _LEVEL:
        return ""
    return f"{k:,} of {n:,} overridden decisions have a label and {of:,} of {others:,} approved ones, so labels leave errors out; label what people overrode too"


def _misses(
    strata: Mapping[Stratum, _Labels], kind: Kind, chosen: str, *, is_total: bool = False
) -> Misses:
    n, labelled, wrong = (
        sum(getattr(one, name) for one in strata.values()) for name in ("n", "labelled", "wrong")
    )
    counted = {"action_type": kind, "is_total": is_total, "n_alone": n, "n_labelled": labelled, "n_wrong": wrong}  # fmt: skip
    if not n:
        return Misses(**counted, share_unknown=None, reason="nothing runs alone")
    if chosen and labelled:
        return Misses(**counted, share_unknown=1.0, reason=chosen)
    said = {key: one for key, one in strata.items() if _speaks(key, one)}
    sizes = [one.n for one in said.values()]
    share = 1.0 - sum(sizes) / n
    if not said:
        return Misses(**counted, share_unknown=1.0, reason=_reason(strata, share))
    found = stratified_rate(
        np.array(sizes, dtype=np.int64),
        np.array([one.labelled for one in said.values()], dtype=np.int64),
        np.array([one.wrong for one in said.values()], dtype=np.int64),
        CONFIDENCE,
    )
    if found.interval is None:
        return Misses(**counted, share_unknown=1.0, reason=found.reason)
    covered, rate = sum(sizes), found.interval
    return Misses(
        **counted,
        share_unknown=share,
        rate=rate.estimate,
        rate_low=rate.low,
        rate_high=rate.high,
        expected=rate.estimate * covered if covered == n else None,
        expected_low=rate.low * covered,
        expected_high=rate.high * covered + (n - covered),
        effective_n=found.effective_n,
        reason=_reason(strata, share),
    )


def _speaks(key: Stratum, labels: _Labels) -> bool:
    """Every decision labelled needs no weight; else a label needs a chance that is known and above 0."""
    return labels.labelled > 0 and (key[1] > 0 or labels.labelled == labels.n)


def _reason(strata: Mapping[Stratum, _Labels], share: float) -> str:
    if share <= 0.0:
        return ""
    silent = [key for key, one in strata.items() if not _speaks(key, one)]
    if all(chance == UNKNOWN_PROBABILITY for _, chance in silent):
        return _NO_CHANCE
    return "no label speaks for the rest: nobody reviewed a decision of the same type and review probability"  # fmt: skip
