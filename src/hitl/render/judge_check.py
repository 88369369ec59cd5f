"""What labels show of a judge, on a terminal."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hitl.render import numbers
from hitl.render.text import brief, one_line
from hitl.score.judge.certificate import JudgeCertificate
from hitl.score.judge.certificate_parts import Basis, Estimate, JudgeMode, LabelCounts, Rate
from hitl.score.judge.check import LabelCheck

SHOWN = 5
"""Answers without a label that are listed."""
MOST_LABELS = 8
"""Labels of a table that fits a terminal."""
_LABEL = 24


def print_check(check: LabelCheck, certificate: JudgeCertificate | None, console: Console) -> None:
    """Print agreement, errors, the table of labels, what is asked of a certificate, and the outcome."""
    _print_agreement(check, console)
    _print_table(check.counts, console)
    _print_unscored(check, console)
    _print_requirements(check, console)
    for warning in check.assessment.warnings:
        console.print(Text(f"note: {one_line(warning)}"), soft_wrap=True)
    console.print(Text(f"labels: {one_line(check.assessment.budget.message)}"), soft_wrap=True)
    console.print(Text(_outcome(check, certificate), style="bold"), soft_wrap=True)


def _print_agreement(check: LabelCheck, console: Console) -> None:
    found, counts = check.assessment, check.counts
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("Measure")
    for title in ("Found", f"{numbers.level(counts.confidence)} interval", "n"):
        table.add_column(title, justify="right")
    of = "pass or fail" if found.basis is Basis.PASS_OR_FAIL else "labels"
    shares = found.agreement
    table.add_row(
        f"agreement ({of})",
        numbers.percent(shares.estimate),
        numbers.percent_range(shares.low, shares.high),
        f"{shares.n:,}",
    )
    table.add_row(f"kappa ({of})", *_coefficient(found.kappa))
    table.add_row(f"AC1 ({of})", *_coefficient(found.ac1))
    if found.label_kappa:
        table.add_row("kappa (labels)", *_coefficient(found.label_kappa))
    for arm in found.arms:
        name = Text(one_line(arm.arm))
        table.add_row(Text.assemble("sensitivity, ", name), *_share(arm.sensitivity))
        table.add_row(Text.assemble("specificity, ", name), *_share(arm.specificity))
    if found.flip_rate:
        table.add_row("changed with the order", *_share(found.flip_rate))
    console.print(table)


def _coefficient(found: Estimate) -> tuple[str, str, str]:
    if found.estimate is None:
        return numbers.UNKNOWN, one_line(found.method), f"{found.n:,}"
    between = numbers.UNKNOWN
    if found.low is not None and found.high is not None:
        between = f"{found.low:.3f} to {found.high:.3f}"
    return f"{found.estimate:.3f}", between, f"{found.n:,}"


def _share(rate: Rate) -> tuple[str, str, str]:
    found = numbers.percent(rate.k / rate.n) if rate.n else numbers.UNKNOWN
    return found, numbers.percent_range(rate.low, rate.high), f"{rate.n:,}"


def _print_table(counts: LabelCounts, console: Console) -> None:
    if len(counts.labels) > MOST_LABELS:
        return
    for arm in counts.tables:
        table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
        table.add_column(Text(f"{one_line(arm.arm)}: people, then judge"))
        for label in counts.labels:
            table.add_column(Text(brief(label, _LABEL)), justify="right")
        for label, row in zip(counts.labels, arm.table, strict=True):
            passes = " (pass)" if label in counts.positive else ""
            table.add_row(Text(brief(label, _LABEL) + passes), *(f"{cell:,}" for cell in row))
        console.print(table)


def _print_unscored(check: LabelCheck, console: Console) -> None:
    more = check.counts.n_unscored
    for one in check.unscored[:SHOWN]:
        place = f"line {one.line}" if one.line else "no line"
        said = "nothing" if one.said is None else f'"{brief(one.said, 60)}"'
        why = (
            f"the answer is no label: {one_line(one.reason)}"
            if one.reason
            else f"the judge said {said}"
        )
        words = f"no label: {brief(one.item, 40)} ({place}): {why}"
        console.print(Text(words), soft_wrap=True)
    if more > SHOWN:
        console.print(Text(f"no label: {more - SHOWN:,} more"), soft_wrap=True)


def _print_requirements(check: LabelCheck, console: Console) -> None:
    for one in check.assessment.requirements:
        mark = "ok   " if one.is_met else "short"
        console.print(Text(f"{mark} {one_line(one.message)}"), soft_wrap=True)


def _outcome(check: LabelCheck, certificate: JudgeCertificate | None) -> str:
    if certificate is None:
        return (
            "no certificate: which judge this was is not known; name it with --release and --rubric"
        )
    judge = f"{one_line(certificate.model)}, rubric {one_line(certificate.rubric)}"
    if certificate.valid:
        how = "compares" if check.counts.mode is JudgeMode.PAIRWISE else "grades"
        return f"valid until {certificate.valid_until.date()}: {judge} {how} with the authority of its rules"
    return (
        f"not valid: {judge} has no authority; {len(certificate.problems)} requirements are not met"
    )
