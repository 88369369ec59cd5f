"""A report on reviewers as Markdown; every name in it stays text."""

from collections.abc import Iterable

from hitl.render.markdown_text import prose
from hitl.render.review import reviewers_words as words
from hitl.review.reviewers.parts import ReviewersReport, SignName

_LINE = 900


def reviewers_markdown(report: ReviewersReport) -> str:
    """Return the report."""
    alarms = words.alarm_lines(report) or [words.NOBODY]
    parts = [
        "# Reviewers",
        prose(words.head_line(report), _LINE),
        _list("What stands out", alarms),
        _table(report),
        "▲ beyond chance and beyond how people differ, · not beyond it, ? cannot be said.",
        _list("What cannot be said", words.unknown_lines(report) or ["nothing was left out"]),
        _list("Limits", report.notes),
    ]
    return "\n\n".join(parts) + "\n"


def _list(title: str, lines: Iterable[str]) -> str:
    return "\n".join([f"## {title}\n", *(f"- {prose(line, _LINE)}" for line in lines)])


def _table(report: ReviewersReport) -> str:
    head = ["Reviewer", "n", "longest run of approvals", *(words.TITLES[name] for name in SignName)]
    rows = [
        [prose(one.reviewer, 80), f"{one.n:,}", str(one.longest_run), *(words.cell(one, name) for name in SignName)]
        for one in report.reviewers
    ]  # fmt: skip
    rule = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))
