"""A baseline as GitHub flavoured Markdown: what a job summary has room for; the page has the rest."""

from collections.abc import Iterator

from hitl.decisions.measures.baseline import Baseline
from hitl.decisions.measures.parts import Group, Measured, TargetPart
from hitl.decisions.measures.words import Metric
from hitl.render import numbers
from hitl.render.baseline.lead import days, headline, targets_in_words
from hitl.render.baseline.numbers import (
    basis,
    calibrated,
    figure,
    in_target,
    interval,
    is_said,
    target_range,
    wanted,
    why_not,
)
from hitl.render.baseline.sections import all_decisions, largest, of, single_keys
from hitl.render.baseline.sides import MODEL
from hitl.render.baseline.words import (
    METRICS,
    NOT_SAID,
    UNNAMED,
    group_name,
    met_shape,
    target_words,
)
from hitl.render.markdown_text import code, prose

MOST_MODELS = 4
MOST_REASONS = 20
MOST_NOTES = 8
SHOWN = (
    Metric.OVERRIDE_RATE,
    Metric.REVIEWER_AGREEMENT,
    Metric.ESCALATION_RATE,
    Metric.AUTO_RESOLVE_RATE,
    Metric.ERROR_ESCAPE_RATE,
    Metric.DETECTED_ESCAPE_RATE,
    Metric.REVIEW_SECONDS_MEDIAN,
    Metric.REVIEW_SECONDS_P95,
    Metric.WAIT_SECONDS_P95,
    Metric.BAD_IF_OVERRIDDEN,
    Metric.BAD_IF_APPROVED,
    Metric.COST_PER_CORRECTED,
    Metric.SATISFACTION,
)
"""Numbers that the summary has; the others are in the page."""
_REASON = 240


def render_baseline_markdown(baseline: Baseline) -> str:
    """Return targets, the main numbers by model, calibration, and why what is missing is missing."""
    groups = [all_decisions(baseline), *largest(single_keys(baseline).get(MODEL, []), MOST_MODELS)]
    calibration = groups[0].calibration
    parts = [
        _head(baseline),
        "\n".join(f"- {prose(note, _REASON)}" for note in baseline.log.notes[:MOST_NOTES]),
        "\n".join(_targets(baseline)),
        "\n".join(_numbers(groups)),
        prose(calibrated(calibration)) if calibration else f"Calibration error {NOT_SAID}.",
        "\n".join(_reasons(groups)),
        f"<sub>intervals {numbers.level(baseline.confidence)} · seed {baseline.seed} · {code(baseline.created_at, 40)} · hitl {code(baseline.hitl_version, 40)} · every number is in baseline.json</sub>",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _head(baseline: Baseline) -> str:
    log = baseline.log
    return (
        f"## Baseline: {numbers.counted(log.n, 'decision')}, {prose(days(log.first_day, log.last_day))}\n\n"
        f"**{prose(headline(baseline))}**\n\nTargets: {targets_in_words(baseline)}."
    )


def _targets(baseline: Baseline) -> Iterator[str]:
    yield "### Targets\n\n| Metric | | Value | Interval | Target | n |\n|---|---|---|---|---|---|"
    for target in baseline.targets:
        yield _target(target)


def _target(target: TargetPart) -> str:
    known = numbers.is_known(target.value)
    value = in_target(target.name, target.value) if known else NOT_SAID
    limits = target_range(target) if known else numbers.UNKNOWN
    why = f": {prose(target.reason, _REASON)}" if target.reason else ""
    return (
        f"| {prose(target_words(target.name).title)} | {met_shape(target.met)} {target.met.value}{why} | {value} "
        f"| {limits} | {wanted(target)} | {target.n:,} |"
    )


def _numbers(groups: list[Group]) -> Iterator[str]:
    yield f"### Numbers\n\n| Measure | {' | '.join(_name(group) for group in groups)} |\n|{'---|' * (len(groups) + 1)}"
    for metric in SHOWN:
        yield f"| {METRICS[metric].title} | {' | '.join(_cell(of(group, metric)) for group in groups)} |"


def _name(group: Group) -> str:
    model = group.by.get(MODEL)
    shown = UNNAMED if model is None else code(model, 60)
    return f"{shown if group.by else group_name(group.by)} ({group.n:,})"


def _cell(measured: Measured | None) -> str:
    if measured is None or not is_said(measured):
        return NOT_SAID
    return f"{figure(measured)} ({interval(measured)}), {basis(measured)}"


def _reasons(groups: list[Group]) -> Iterator[str]:
    """Say why numbers are missing, those of all decisions first; equal reasons once."""
    found: dict[str, dict[str, None]] = {}
    for group in groups:
        for metric in SHOWN:
            measured = of(group, metric)
            if not is_said(measured):
                titles = found.setdefault(prose(why_not(measured), _REASON), {})
                titles[METRICS[metric].title] = None
    rows = [f"- {', '.join(titles)}: {reason.rstrip('.')}" for reason, titles in found.items()]
    if rows:
        yield "### Not said\n"
        yield from rows[:MOST_REASONS]
    if len(rows) > MOST_REASONS:
        yield f"- and {len(rows) - MOST_REASONS:,} more reasons in baseline.json"
