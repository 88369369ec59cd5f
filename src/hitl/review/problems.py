"""Why ratings may decide nothing, however they turned out."""

from collections.abc import Iterator, Sequence

from hitl.review.parts import Rules
from hitl.review.votes import Coefficient, ReviewerResult
from hitl.review.words import Mode, Role

OPENLY = "outputs were openly labelled as new and old (shadow mode), so whose they were may have moved the votes"
"""What every shadow review has against it."""
NAMES = "names"
"""The tell of packets in which a model or a vendor is named."""


def rating_problems(
    rules: Rules, reviewers: Sequence[ReviewerResult], agreement: Sequence[Coefficient]
) -> Iterator[str]:
    """Yield why ratings are a signal and no more; nothing if they may decide.

    Agreement on actions must be shown: the better of the lower limits of alpha and AC1 has to reach what was declared. AC1
    stands beside alpha because alpha has no or hardly any value where nearly every output deserves the same action, though
    raters agree on all of them. Agreement that is not known is not enough.

    A habit of writing that tells the arms apart does not take the votes' weight: raters were not told whose habit it is. A
    name that stands in an output tells them.
    """
    if rules.mode is Mode.SHADOW:
        yield OPENLY
    yield from (
        f"{one.message}, so raters were told whose outputs these are; pack anew with that name masked"
        for one in rules.blindness.tells
        if one.name == NAMES
    )
    raters = [one for one in reviewers if one.role is Role.RATER]
    n_counting = sum(1 for one in raters if not one.is_excluded)
    if rules.raters == 1:
        yield "each item had one rater, so nobody knows whether another would have said the same; pack with --raters 2 or more"
        return
    if n_counting < 2:
        yield f"the votes of {n_counting} of {len(raters)} raters count, so agreement is unknown; expected 2 or more"
        return
    yield from _agreement(rules.least_agreement, agreement)


def _agreement(least: float, agreement: Sequence[Coefficient]) -> Iterator[str]:
    found = [one for one in agreement if one.subject == "action" and one.name in _DECIDING]
    known = [one for one in found if one.low is not None]
    if not known:
        why = "; ".join(dict.fromkeys(one.reason for one in found if one.reason))
        yield f"agreement of raters on actions cannot be bounded ({why}); let more raters rate the same items"
        return
    best = max(known, key=lambda one: (one.low if one.low is not None else -1.0, one.name))
    if best.low is not None and best.low < least:
        yield f"raters agree too little on actions: {_DECIDING[best.name]} is {best.estimate:.2f} and at least {best.low:.2f} (n = {best.n}); its lower limit must reach {least:.2f}; settle with them what each action means"


_DECIDING = {"krippendorff_alpha": "alpha", "gwet_ac1": "AC1"}
