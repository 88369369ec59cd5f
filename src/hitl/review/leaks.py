"""Does what reviewers see tell whose it is? The finding that goes with a review wherever its ratings go.

A packet is not blind if the name of a model or vendor stands in an output, if a classifier sorts pairs with more than
60 % certainly right, or if one habit alone sorts three quarters. It is blind only if nothing of that is found and the
classifier, tried on 30 clusters or more, certainly sorts less than three quarters: few pairs prove nothing. See `hitl.review.identify` for what
identifiability means and does not mean.

Everything is a function of the unordered pairs of outputs: swapping the arms of a release gives the same report.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from hitl.review.candidate import Candidate
from hitl.review.differing import differing
from hitl.review.identify import CONFIDENCE, LEAST_CLUSTERS, Identifiability, identifiability
from hitl.review.masking import Kind, Masker
from hitl.review.parts import BlindnessReport, Tell
from hitl.review.problems import NAMES
from hitl.review.recurring import recurring
from hitl.review.style import NAMES as STYLES
from hitl.review.style import style
from hitl.review.tells import CLEAR, Found, find_tells, style_differences
from hitl.review.words import Blindness

KNOWN = 0.60
"""Lower limit of identifiability above which a packet is not blind."""
UNKNOWN = 0.75
"""Upper limit of identifiability below which it is."""
LEAST_PROOF = 30
"""Clusters of pairs below which nothing is called blind: a classifier that learns from fewer is easily wrong by chance."""
MOST_TELLS = 12
"""Tells that a report lists."""
MOST_WORDS = 3
"""Words among them: one sentence that only one arm writes is many words, and would fill the list."""


def scan(
    candidates: Sequence[Candidate],
    rng: np.random.Generator,
    is_open: bool = False,  # noqa: FBT001, FBT002  # as the packets are
    names: Iterable[str] = (),
) -> BlindnessReport:
    """Look for whatever tells the arms apart in what is shown.

    Args:
        candidates: masked and redacted, as reviewers see them; in any order.
        rng: seeded; makes folds.
        is_open: whose an output is, is said on purpose.
        names: names of both models, to look for what masking has left; vendors and families are looked for anyway.
    """
    known = differing(candidates)
    if is_open:
        return _report(Blindness.OPEN, None, len(known.pairs), (), "labelled openly, on purpose")
    left = _names_left(candidates, Masker(names))
    if not known.pairs:
        label, reason = _label(left, None, (), 0)
        return _report(label, None, 0, left, reason)
    values = np.array([style(a, b) - style(b, a) for a, b in known.pairs])
    found = find_tells([*style_differences(STYLES, values), *recurring(known.pairs)], known)
    score = identifiability(known, values, rng)
    label, reason = _label(left, score, found, len(known.pairs))
    return _report(label, score, len(known.pairs), (*left, *(one.tell for one in found)), reason)


def _names_left(candidates: Sequence[Candidate], masker: Masker) -> tuple[Tell, ...]:
    counts = 0
    for one in candidates:
        texts = [text for output in one.outputs for text in (output.text, output.tool_calls)]
        counts += any(
            {Kind.MODEL, Kind.VENDOR, Kind.ID, Kind.MARKER} & set(masker.mask(text).counts)
            for text in texts
        )
    if not counts:
        return ()
    message = f"names of models or vendors, or ids or marks of a provider, stand in outputs of {counts} of {len(candidates)} items"
    return (Tell(name=NAMES, n=counts, n_items=len(candidates), accuracy=None, message=message),)


def _label(
    left: tuple[Tell, ...], score: Identifiability | None, found: Sequence[Found], n_pairs: int
) -> tuple[Blindness, str]:
    clear = [one.tell for one in found if one.is_clear]
    if left:
        return Blindness.NOT_BLIND, left[0].message
    if clear:
        return Blindness.NOT_BLIND, f"a habit tells the arms apart by itself: {clear[0].message}"
    if score is None:
        few = f"{n_pairs} pairs of outputs that differ, in fewer than {LEAST_CLUSTERS} clusters, prove nothing"
        return Blindness.UNPROVEN, few
    return _by_score(score)


def _by_score(score: Identifiability) -> tuple[Blindness, str]:
    said = f"a classifier sorts {_percent(score.accuracy)} of {score.n_pairs} pairs rightly ({_percent(score.low)} to {_percent(score.high)})"
    if score.low > KNOWN:
        return Blindness.NOT_BLIND, said
    if score.n_clusters < LEAST_PROOF:
        return (
            Blindness.UNPROVEN,
            f"{said}: fewer than {LEAST_PROOF} clusters of pairs prove nothing",
        )
    if score.high < UNKNOWN:
        return (
            Blindness.BLIND,
            f"{said}, no habit alone {_percent(CLEAR)} or more of them, and no name is left",
        )
    return (
        Blindness.UNPROVEN,
        f"{said}: too few pairs to rule out that it sorts {_percent(UNKNOWN)}",
    )


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f} %"


def _report(
    label: Blindness,
    score: Identifiability | None,
    n_pairs: int,
    tells: tuple[Tell, ...],
    reason: str,
) -> BlindnessReport:
    return BlindnessReport(
        label=label,
        accuracy=None if score is None else score.accuracy,
        low=None if score is None else score.low,
        high=None if score is None else score.high,
        confidence=CONFIDENCE,
        n_pairs=n_pairs if score is None else score.n_pairs,
        tells=_listed(tells),
        reason=reason,
    )


def _listed(tells: Sequence[Tell]) -> tuple[Tell, ...]:
    words = [tell for tell in tells if tell.name.startswith("word ")]
    beyond = {tell.name for tell in words[MOST_WORDS:]}
    return tuple(tell for tell in tells if tell.name not in beyond)[:MOST_TELLS]
