"""A report on reviewers in words, shared by its views."""

from hitl.render import numbers
from hitl.render.text import one_line
from hitl.review.reviewers.parts import Reviewer, ReviewersReport, Sign, SignName, SignState

TITLES = {
    SignName.CHANGE: "overrides since the change",
    SignName.DRIFT: "overrides over time",
    SignName.APPROVES: "approves",
    SignName.FAST: "approves in under 2 s",
    SignName.ESCALATES: "escalates",
    SignName.PLANTED: "planted errors approved",
}
SHORT = {
    SignName.CHANGE: "Change",
    SignName.DRIFT: "Time",
    SignName.APPROVES: "Approves",
    SignName.FAST: "Fast",
    SignName.ESCALATES: "Escalates",
    SignName.PLANTED: "Planted",
}
"""Titles of narrow columns."""
NOBODY = (
    "Nobody stands out. That is no proof that everybody decides alike: read what cannot be said."
)
SHAPES = {SignState.ALARM: "▲", SignState.QUIET: "·", SignState.UNKNOWN: "?"}


def head_line(report: ReviewersReport) -> str:
    """Return what was compared, and the promise."""
    change = f"{report.previous} → {report.model}" if report.previous else f"model {report.model or 'not named'}"  # fmt: skip
    people = numbers.counted(len(report.reviewers), "reviewer")
    tests = numbers.counted(report.n_tests, "test")
    return one_line(f"{change}; {people}, {tests} together: a false alarm in at most {100 * report.alarm_rate:g} of 100 such reports")  # fmt: skip


def alarm_lines(report: ReviewersReport) -> list[str]:
    """Return every alarm, with decisions to talk about."""
    return [
        one_line(
            f"{one.reviewer}: {sign.message}; corrected p = {sign.p_adjusted:.2g}{_examples(sign)}"
        )
        for one in report.reviewers
        for sign in one.alarms
    ]


def unknown_lines(report: ReviewersReport) -> list[str]:
    """Return for each thing that was looked at of how many reviewers nothing can be said, and why."""
    lines = []
    for name in SignName:
        own = [sign for one in report.reviewers for sign in one.signs if sign.name is name]
        silent = [sign for sign in own if sign.state is SignState.UNKNOWN]
        if silent:
            reasons = "; ".join(dict.fromkeys(sign.message.split(": ", 2)[-1] for sign in silent))
            lines.append(one_line(f"{TITLES[name]}: nothing can be said of {len(silent)} of {len(own)}: {reasons}"))  # fmt: skip
    return lines


def cell(one: Reviewer, name: SignName) -> str:
    """Return one figure of a reviewer for a table."""
    sign = next((sign for sign in one.signs if sign.name is name), None)
    if sign is None or not sign.mine.n:
        return "?"
    if name is SignName.PLANTED:
        return f"{SHAPES[sign.state]} {sign.mine.k} of {sign.mine.n}"
    before = sign.mine_before
    moved = f"{_percent(before.k, before.n)} → " if before is not None and before.n else ""
    return f"{SHAPES[sign.state]} {moved}{_percent(sign.mine.k, sign.mine.n)} %"


def _percent(k: int, n: int) -> str:
    return f"{100 * k / n:.0f}"


def _examples(sign: Sign) -> str:
    return f"; look at {', '.join(sign.examples)}" if sign.examples else ""
