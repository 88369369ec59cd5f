"""The failed-case table of the page: which cases, how much of each text, and which words are marked."""

from dataclasses import dataclass
from itertools import islice

from hitl.record.parts import Failure, ReplyView
from hitl.render.difference import MOST_WORDS, Marked, fit_pieces, mark_words
from hitl.render.text import Cut, fit, page_bytes, show

MOST_CASES = 1_000
"""Failed cases that are shown with their texts; every one is in record.json."""
OPEN_CASES = 20
"""Cases of a group that are seen without unfolding."""
_PAGE_BYTES = 1_150_000
"""What the texts of all cases may take together, so that a page stays under 2 MB."""
_CASE_BYTES = 12_000
_PAGE_WORDS = 60_000
"""Words that are compared on one page, unless that leaves a case with too few."""
_LEAST_WORDS = 80
_TITLES = {
    "regressed": ("Lost", "passed with the previous model, failed with the candidate"),
    "unmeasured": ("Not measured", "the candidate left nothing to judge, which counts against it"),
    "still_failing": ("Still failing", "failed with both models"),
}
_SEVERITIES = ("critical", "high", "medium", "low")


@dataclass(frozen=True, slots=True)
class ReplyCell:
    """One arm's reply as the page shows it."""

    mark: str
    repeats: str
    reply: Marked
    findings: tuple[Cut, ...]


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One row of the table."""

    id: str
    subset: str
    severity: str
    zero_tolerance: bool
    verdict: str
    expected: tuple[Cut, ...]
    input: Cut
    previous: ReplyCell
    candidate: ReplyCell


@dataclass(frozen=True, slots=True)
class CaseGroup:
    """Cases that failed in the same way."""

    title: str
    meaning: str
    rows: tuple[CaseRow, ...]
    folded: tuple[CaseRow, ...]


@dataclass(frozen=True, slots=True)
class CaseTable:
    """All that the page shows of the failed cases."""

    groups: tuple[CaseGroup, ...]
    n_cases: int
    n_shown: int

    @property
    def n_left_out(self) -> int:
        """Cases that only record.json holds."""
        return self.n_cases - self.n_shown


def case_table(failures: tuple[Failure, ...]) -> CaseTable:
    """Return the failed cases in groups, the gravest first, within the size that a page may have."""
    shown = tuple(islice(gravest_first(failures), MOST_CASES))
    size = min(_CASE_BYTES, _PAGE_BYTES // max(1, len(shown)))
    words = min(MOST_WORDS, max(_LEAST_WORDS, _PAGE_WORDS // max(1, len(shown))))
    groups = []
    for verdict in dict.fromkeys([*_TITLES, *(failure.verdict for failure in shown)]):
        rows = tuple(_row(failure, size, words) for failure in shown if failure.verdict == verdict)
        if rows:
            title, meaning = _TITLES.get(verdict, (verdict, ""))
            groups.append(CaseGroup(title, meaning, rows[:OPEN_CASES], rows[OPEN_CASES:]))
    return CaseTable(tuple(groups), len(failures), len(shown))


def gravest_first(failures: tuple[Failure, ...]) -> list[Failure]:
    """Return the failures in the order in which people should read them."""
    verdicts = tuple(_TITLES)
    return sorted(
        failures,
        key=lambda failure: (
            _place(verdicts, failure.verdict),
            not failure.zero_tolerance,
            _place(_SEVERITIES, failure.severity),
            failure.subset,
            failure.case_id,
        ),
    )


def verdict_title(verdict: str) -> str:
    """Return what people call the verdict of a case.

    >>> verdict_title("still_failing")
    'Still failing'
    """
    return _TITLES.get(verdict, (verdict, ""))[0]


def _row(failure: Failure, size: int, words: int) -> CaseRow:
    previous, candidate = mark_words(
        show(failure.previous.text), show(failure.candidate.text), words
    )
    return CaseRow(
        id=fit(failure.case_id, 400).text,
        subset=failure.subset,
        severity=failure.severity,
        zero_tolerance=failure.zero_tolerance,
        verdict=failure.verdict,
        expected=_fit_all(failure.expected, size * 12 // 100),
        input=fit(failure.input, size * 18 // 100),
        previous=_cell(failure.previous, fit_pieces(previous, size * 25 // 100), size // 10),
        candidate=_cell(failure.candidate, fit_pieces(candidate, size * 25 // 100), size // 10),
    )


def _cell(reply: ReplyView, marked: Marked, size: int) -> ReplyCell:
    repeats = (
        f"{reply.n_passed:,} of {reply.n_repeats:,} repeats pass" if reply.n_repeats > 1 else ""
    )
    whole = Marked(marked.pieces, marked.left_out + reply.cut)
    return ReplyCell(reply.mark, repeats, whole, _fit_all(reply.findings, size))


def _fit_all(texts: tuple[str, ...], size: int) -> tuple[Cut, ...]:
    item_bytes = len("<li></li>\n")
    kept: list[Cut] = []
    for text in texts:
        if size <= item_bytes:
            kept.append(Cut("", sum(len(rest) for rest in texts[len(kept) :])))
            break
        kept.append(fit(text, size - item_bytes))
        size -= page_bytes(kept[-1].text) + item_bytes
    return tuple(kept)


def _place(order: tuple[str, ...], word: str) -> int:
    return order.index(word) if word in order else len(order)
