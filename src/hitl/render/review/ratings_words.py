"""What ratings say, in words that every view of them shares."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hitl.render import numbers
from hitl.render.review import words
from hitl.render.text import one_line
from hitl.review.parts import BlindnessReport
from hitl.review.tables import counting
from hitl.review.votes import Coefficient, Estimate, Preferences, Ratings, ReviewerResult
from hitl.review.words import Role
from hitl.run.arm import Arm

COEFFICIENTS = {
    "raw": "same answer",
    "fleiss_kappa": "Fleiss' kappa",
    "krippendorff_alpha": "Krippendorff's alpha",
    "gwet_ac1": "Gwet's AC1",
    "cohen_kappa": "Cohen's kappa",
}
RATES = {
    "override": "overridden (modified or rejected)",
    "modify": "modified",
    "reject": "rejected",
    "escalate": "escalated",
    "seconds": "mean time of a vote",
}
_SHORT = 8


@dataclass(frozen=True, slots=True)
class RateRow:
    """One figure of both arms."""

    title: str
    previous: str
    previous_range: str
    candidate: str
    candidate_range: str
    difference: str
    difference_range: str
    n: str
    reason: str


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """How often votes that count name one kind of error."""

    title: str
    previous: int
    candidate: int


def headline(ratings: Ratings) -> str:
    """Return what came out, first of all."""
    n = numbers.counted(len(ratings.items), "item")
    people = numbers.counted(n_counting(ratings), "rater")
    found = ratings.preferences
    if found is None:
        return f"{n}, {people}; one output at a time, so nothing was compared side by side"
    return f"{n}, {people}: candidate better on {found.wins:,}, equal on {found.ties:,}, worse on {found.losses:,}; {found.undecided:,} undecided"


def standing(ratings: Ratings) -> str:
    """Return what the ratings may do."""
    if ratings.problems:
        return "A signal only: the ratings decide nothing."
    return "The ratings may decide."


def n_counting(ratings: Ratings) -> int:
    """Return how many raters' votes count."""
    return sum(1 for one in ratings.reviewers if one.role is Role.RATER and not one.is_excluded)


def blindness(report: BlindnessReport) -> str:
    """Return whether what was shown tells the arms apart, with its figure."""
    shape, label = words.SHAPES[report.label], words.BLINDNESS[report.label]
    return one_line(f"{shape} {label}: {identifiability(report)}; {report.reason}")


def identifiability(report: BlindnessReport) -> str:
    """Return the score; a guess sorts half of the pairs rightly."""
    pairs = numbers.counted(report.n_pairs, "pair")
    if report.accuracy is None:
        return f"identifiability unknown ({pairs})"
    low, high = report.low, report.high
    return f"identifiability {numbers.percent(report.accuracy)} ({numbers.percent_range(low, high)}, {numbers.level(report.confidence)}, {pairs}; 50 % is chance)"


def net(found: Preferences) -> str:
    """Return the share of votes for the candidate less the share against."""
    one = found.net
    if one.estimate is None:
        return f"net preference unknown: {one.reason}"
    return f"net preference {numbers.points(one.estimate)} ({signed_range(one)}, {numbers.level(one.confidence)}; {basis(one)})"


def signed_range(one: Estimate) -> str:
    """Return the interval of a difference of shares."""
    return numbers.signed_range(one.low, one.high)


def basis(one: Estimate) -> str:
    """Return what an estimate rests on."""
    parts = ((one.n, "vote"), (one.n_items, "item"), (one.n_reviewers, "reviewer"))
    return ", ".join(numbers.counted(n, noun) for n, noun in parts)


def coefficient_name(one: Coefficient) -> str:
    """Return a coefficient with what it is about; two reviewers by the beginnings of their hashes."""
    subject = " ".join(
        word[:_SHORT] if len(word) > 2 * _SHORT else word for word in one.subject.split()
    )
    return one_line(f"{COEFFICIENTS.get(one.name, one.name)}, {subject}")


def coefficient_range(one: Coefficient) -> str:
    """Return its interval.

    >>> coefficient_range(Coefficient(name="raw", subject="action", estimate=0.5, low=0.4, high=0.6, confidence=0.95, n=9, method=""))
    '0.40 to 0.60'
    """
    if one.low is None or one.high is None:
        return numbers.UNKNOWN
    return f"{numbers.grade(one.low)} to {numbers.grade(one.high)}"


def agreement_lines(found: Sequence[Coefficient]) -> list[str]:
    """Return every coefficient on a line."""
    return [_agreement_line(one) for one in found]


def reviewer_words(one: ReviewerResult) -> str:
    """Return how far one reviewer came, and whether their votes count."""
    parts = [f"{one.n_voted:,} of {one.n_owed:,} voted"]
    if one.n_known:
        parts.append(f"{one.n_known_right:,} of {one.n_known:,} known answers right")
    if one.median_seconds is not None:
        parts.append(f"median {seconds(one.median_seconds)}")
    if one.is_excluded:
        parts.append(f"does not count: {one.reason}")
    return one_line("; ".join(parts))


def short(name: str) -> str:
    """Return the beginning of a hash.

    >>> short("0123456789abcdef")
    '01234567'
    """
    return name[:_SHORT]


def seconds(value: float | None) -> str:
    """Return a time.

    >>> seconds(41.5), seconds(None)
    ('41.5 s', '—')
    """
    return numbers.UNKNOWN if value is None else f"{numbers.number(value)} s"


def rate_rows(ratings: Ratings) -> list[RateRow]:
    """Return every figure of both arms, candidate minus previous."""
    rows = []
    for name, both in ratings.rates.items():
        is_time = name == "seconds"
        figure = seconds if is_time else numbers.percent
        reasons = (both.previous.reason, both.candidate.reason, both.difference.reason)
        rows.append(
            RateRow(
                RATES.get(name, name),
                figure(both.previous.estimate),
                _range(both.previous, is_time=is_time),
                figure(both.candidate.estimate),
                _range(both.candidate, is_time=is_time),
                _signed_seconds(both.difference.estimate)
                if is_time
                else numbers.points(both.difference.estimate),
                _difference_range(both.difference, is_time=is_time),
                basis(both.difference),
                "; ".join(dict.fromkeys(filter(None, reasons))),
            )
        )
    return rows


def category_rows(ratings: Ratings) -> list[CategoryRow]:
    """Return what raters' votes that count call wrong, as the record counts them, the most frequent first."""
    found: Counter[tuple[str, Arm]] = Counter(
        (words.CATEGORIES[category], arm)
        for item in ratings.items
        for vote in counting(item)
        for arm, category in vote.categories.items()
    )
    titles = {title for title, _ in found}
    rows = [CategoryRow(one, found[one, Arm.PREVIOUS], found[one, Arm.CANDIDATE]) for one in titles]
    return sorted(rows, key=lambda row: (-row.previous - row.candidate, row.title))


def open_items(ratings: Ratings) -> list[str]:
    """Return the items that still need an adjudicator, with their cases."""
    cases = {item.item_id: f"case {item.case_id}, repeat {item.repeat}" for item in ratings.items}
    return [one_line(f"{short(name)}: {cases.get(name, 'not among the items')}") for name in ratings.adjudication]  # fmt: skip


def tells(report: BlindnessReport) -> list[str]:
    """Return what may tell the arms apart."""
    return [
        one_line(
            f"{one.name}: sorts {numbers.percent(one.accuracy)} of {numbers.counted(one.n, 'pair')} that differ in it, of {one.n_items:,}"
            if one.accuracy is not None
            else one.message
        )
        for one in report.tells
    ]


def sample(ratings: Ratings) -> str:
    """Return how items were chosen."""
    one = ratings.sample
    return one_line(
        f"{one.n_certain + one.n_drawn:,} of {one.n_population:,} items: {one.n_certain:,} for sure, {one.n_drawn:,} drawn with known chances; {one.n_qualification:,} with a known answer besides; {one.method}"
    )


def _agreement_line(one: Coefficient) -> str:
    if one.estimate is None:
        return one_line(f"{coefficient_name(one)}: unknown (n = {one.n:,}): {one.reason}")
    limits = (
        f"{coefficient_range(one)}, {numbers.level(one.confidence)}" if one.low is not None else ""
    )
    inside = "; ".join(filter(None, (limits, f"n = {one.n:,}", one.reason)))
    return one_line(f"{coefficient_name(one)}: {numbers.grade(one.estimate)} ({inside})")


def _range(one: Estimate, *, is_time: bool) -> str:
    if not is_time:
        return numbers.percent_range(one.low, one.high)
    if one.low is None or one.high is None:
        return numbers.UNKNOWN
    return f"{numbers.number(one.low)} to {numbers.number(one.high)} s"


def _difference_range(one: Estimate, *, is_time: bool) -> str:
    if not is_time:
        return signed_range(one)
    if one.low is None or one.high is None:
        return numbers.UNKNOWN
    return f"{numbers.signed(one.low)} to {numbers.signed(one.high)} s"


def _signed_seconds(value: float | None) -> str:
    return numbers.UNKNOWN if value is None else f"{numbers.signed(value)} s"


def limits(ratings: Ratings) -> Iterator[str]:
    """Yield what a reader must know beside the figures."""
    yield from ratings.problems
    if ratings.is_partial:
        yield "merged although votes are missing; an item without a consensus is unmeasured, never a tie"
    if ratings.consensus_note:
        yield ratings.consensus_note
