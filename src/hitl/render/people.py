"""What people found in a blind review, in one line each: how far they looked, may decide, agree, and what they saw."""

from collections.abc import Iterator, Mapping

from hitl.record.ratings_parts import (
    BlindnessPart,
    CoefficientPart,
    CoveragePart,
    CrossedPart,
    FoundPart,
    RatedCasePart,
    RatingsPart,
    VotePart,
)
from hitl.record.release import ReleaseRecord
from hitl.render import numbers
from hitl.render.text import brief, one_line

HASH = 8
"""Digits of a reviewer's hash that are shown; the record has them all."""
_REASON = 200
_MOST_SUBSETS = 5
_RATES = {
    "override": "modified or rejected",
    "modify": "modified",
    "reject": "rejected",
    "escalate": "escalated",
    "seconds": "mean time of a look",
}
_LABELS = {
    "blind": "blind",
    "unproven": "not proven to be blind",
    "not_blind": "not blind",
    "open": "openly labelled",
}
_NAMES = {
    "raw": "raw agreement",
    "fleiss_kappa": "Fleiss' kappa",
    "krippendorff_alpha": "Krippendorff's alpha",
    "gwet_ac1": "Gwet's AC1",
    "cohen_kappa": "Cohen's kappa",
}
_SAID = ("krippendorff_alpha", "gwet_ac1")
"""Coefficients that say whether ratings may decide."""


def people_lines(record: ReleaseRecord) -> tuple[str, ...]:
    """Return what people found, the extent first; nothing where the release names no review."""
    part = record.ratings
    if part is None:
        return ()
    if part.found is None:
        return (unused_line(part),)
    return tuple(_lines(part.found))


def unused_line(part: RatingsPart) -> str:
    """Return why no rating of a review counts."""
    return f"no rating of {brief(part.path, 120)} counts: {brief(part.unused, 600)}"


def _lines(found: FoundPart) -> Iterator[str]:
    yield extent(found)
    yield decides_line(found)
    yield blindness_line(found.blindness)
    yield agreement_line(found)
    if found.preferences is not None:
        yield preference_line(found)
    for name, rate in found.rates.items():
        arms = " → ".join(figure(name, one) for one in (rate.previous, rate.candidate))
        yield f"{rate_name(name)}: {arms}, difference {change(name, rate.difference)} ({based_on(rate.difference)})"
    if categories := category_lines(found):
        yield "; ".join(categories)


def extent(found: FoundPart) -> str:
    """Return how many cases were looked at, of how many, and by whom."""
    whole = found.coverage[0]
    n_people = sum(1 for one in found.reviewers if one.n_voted)
    parts = [
        f"{whole.n_rated:,} of {whole.n_population:,} cases rated ({whole.n_chosen:,} chosen), {whole.n_settled:,} with a consensus",
        f"{n_people:,} reviewers, {found.raters:,} on each item, {_mode(found.mode)}",
    ]
    if found.n_adjudicated:
        parts.append(f"{found.n_adjudicated:,} decided by an adjudicator")
    if found.n_open:
        parts.append(f"{found.n_open:,} open on an action or a preference")
    if found.is_partial:
        parts.append("votes that were owed are missing")
    return "; ".join(parts)


def decides_line(found: FoundPart) -> str:
    """Return where ratings decide, and why not elsewhere."""
    by_word = {
        word: [part.subset for part in found.coverage[1:] if part.decides == word]
        for word in ("yes", "no", "signal")
    }
    told = [
        f"{what} {_subsets(by_word[word])}"
        for word, what in (("yes", "decide in"), ("no", "decide nothing in"), ("signal", "signal only in"))
        if by_word[word]
    ]  # fmt: skip
    why = f": {brief('; '.join(found.problems), 600)}" if found.problems else ""
    return f"ratings {'; '.join(told) or 'decide nothing, because no rule asks for them'}{why}"


def blindness_line(part: BlindnessPart) -> str:
    """Return whether reviewers could tell whose an output was."""
    return f"{blindness_word(part)}: {brief(part.reason, 300)}; {identifiability(part)}"


def blindness_word(part: BlindnessPart) -> str:
    """Return the label of blindness in words."""
    return _LABELS.get(part.label, brief(part.label, 40))


def identifiability(part: BlindnessPart) -> str:
    """Return how well a classifier tells the arms apart, with its interval and n."""
    if part.accuracy is None:
        return f"identifiability not measured (n = {part.n_pairs:,} pairs)"
    between = numbers.percent_range(part.low, part.high)
    return f"identifiability {numbers.percent(part.accuracy)} ({between}, n = {part.n_pairs:,} pairs; 50 % is chance)"


def agreement_line(found: FoundPart) -> str:
    """Return the coefficients on actions that say whether ratings may decide, and the limit."""
    own = [one for one in found.agreement if one.subject == "action" and one.name in _SAID]
    told = [f"{coefficient_name(one)} {coefficient(one)}" for one in own] or ["not known"]
    least = numbers.grade(found.least_agreement)
    return f"agreement on actions: {', '.join(told)}; the better lower limit must reach {least}"


def preference_line(found: FoundPart) -> str:
    """Return how often the candidate was preferred, item by item, and the net share of votes."""
    part = found.preferences
    if part is None:
        return "one output at a time was shown, so nothing was preferred"
    return (
        f"candidate preferred in {part.wins:,} items, the previous one in {part.losses:,}, neither in {part.ties:,}, "
        f"{part.undecided:,} undecided; net {change('net', part.net)} ({based_on(part.net)})"
    )


def category_lines(found: FoundPart) -> tuple[str, ...]:
    """Return what was wrong with the replies of each arm, in votes, the most common first."""
    return tuple(
        f"{brief(arm, 40)} replies: {', '.join(_kind(*pair) for pair in counts.items())}"
        for arm, counts in sorted(found.categories.items())
        if counts
    )


def rate_name(name: str) -> str:
    """Return what people call a rate."""
    return _RATES.get(name, brief(name, 40))


def figure(name: str, part: CrossedPart) -> str:
    """Return a figure of one arm with its interval, in its unit."""
    if part.estimate is None:
        return f"{numbers.UNKNOWN} ({brief(part.reason, 120) or 'not known'})"
    if name == "seconds":
        return f"{numbers.number(part.estimate)} s ({_plain_range(part)})"
    return f"{numbers.percent(part.estimate)} ({numbers.percent_range(part.low, part.high)})"


def change(name: str, part: CrossedPart) -> str:
    """Return a difference with its interval, in its unit."""
    if part.estimate is None:
        return f"{numbers.UNKNOWN} ({brief(part.reason, 120) or 'not known'})"
    if name == "seconds":
        return f"{numbers.signed(part.estimate)} s ({_plain_range(part)})"
    return f"{numbers.points(part.estimate)} ({numbers.signed_range(part.low, part.high)})"


def based_on(part: CrossedPart) -> str:
    """Return what a figure stands on."""
    return f"n = {part.n:,} votes on {part.n_items:,} items by {part.n_reviewers:,} reviewers"


def coefficient_name(part: CoefficientPart) -> str:
    """Return what people call a coefficient."""
    return _NAMES.get(part.name, brief(part.name, 40))


def coefficient(part: CoefficientPart) -> str:
    """Return a coefficient with its interval and n, or why there is none."""
    if part.estimate is None:
        return f"{numbers.UNKNOWN} ({brief(part.reason, 160) or 'not known'}, n = {part.n:,})"
    if part.low is None or part.high is None:
        return f"{numbers.grade(part.estimate)} (no interval: {brief(part.reason, 160)}, n = {part.n:,})"
    between = f"{numbers.grade(part.low)} to {numbers.grade(part.high)}"
    return f"{numbers.grade(part.estimate)} ({between}, n = {part.n:,})"


def subject(part: CoefficientPart) -> str:
    """Return what a coefficient is about, the hashes of reviewers cut."""
    words = one_line(part.subject).split()
    return brief(" ".join(w[:HASH] if len(w) >= 32 else w for w in words), 80)


def decides_word(part: CoveragePart) -> str:
    """Return what ratings may do in a subset."""
    return {"yes": "decides", "no": "decides nothing", "signal": "signal only"}.get(part.decides, "no rule asks")  # fmt: skip


def standing(replies: Mapping[str, int]) -> str:
    """Return how the release's replies stand to the review."""
    return ", ".join(f"{n:,} {brief(name, 40)}" for name, n in replies.items()) or numbers.UNKNOWN


def vote_lines(record: ReleaseRecord, case_id: str) -> Iterator[str]:
    """Yield what people said of a failed case, arm by arm."""
    found = record.ratings.found if record.ratings else None
    for case in found.cases if found else ():
        if case.case_id == case_id:
            yield from _case_lines(case)


def _case_lines(case: RatedCasePart) -> Iterator[str]:
    repeat = f", repeat {case.repeat}" if case.repeat else ""
    for arm, votes in case.votes.items():
        agreed = case.consensus.get(arm, "no consensus")
        yield f"people on the {one_line(arm)} reply{repeat}: {one_line(agreed)}"
        yield from (f"  {_vote(vote)}" for vote in votes)
    if case.outcome is not None:
        yield f"preferred: {one_line(case.outcome)} for the candidate"


def _vote(vote: VotePart) -> str:
    kind = f" ({brief(vote.category, 40).replace('_', ' ')})" if vote.category else ""
    who = "" if vote.role == "rater" else f" {brief(vote.role, 40)}"
    out = "" if vote.counts else ", does not count"
    why = f": {brief(vote.reason, _REASON)}" if vote.reason else ""
    return f"{brief(vote.reviewer[:HASH], 2 * HASH)}{who} {brief(vote.action, 40)}{kind}{out}{why}"


def _kind(kind: str, n: int) -> str:
    return f"{brief(kind, 40).replace('_', ' ')} in {numbers.counted(n, 'vote')}"


def _mode(mode: str) -> str:
    return {"pair": "side by side", "single": "one output at a time", "shadow": "openly labelled"}.get(mode, brief(mode, 40))  # fmt: skip


def _plain_range(part: CrossedPart) -> str:
    if part.low is None or part.high is None:
        return numbers.UNKNOWN
    return f"{numbers.number(part.low)} to {numbers.number(part.high)}"


def _subsets(names: list[str]) -> str:
    shown = ", ".join(brief(name, 60) for name in names[:_MOST_SUBSETS])
    more = len(names) - _MOST_SUBSETS
    return f"{shown} and {more:,} more" if more > 0 else shown
