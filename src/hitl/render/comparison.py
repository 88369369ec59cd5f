"""Two compared runs, line by line."""

from collections.abc import Iterator

from hitl.record.comparison import RunComparison
from hitl.record.parts import ArmRate, SubsetResult
from hitl.render.text import show

SHOWN = 10
"""Regressed cases that are named."""


def comparison_lines(result: RunComparison) -> Iterator[str]:
    """Yield what two runs show, for people."""
    for part in result.subsets:
        yield f"{show(part.id)}: n = {part.n_cases} cases ({part.n_clusters} independent)"
        yield f"  previous {_rate(part.previous)}, candidate {_rate(part.candidate)}"
        yield f"  {_difference(part)}"
        yield (
            f"  {part.regressed} regressed, {part.improved} improved, "
            f"{len(part.flaky_cases)} flaky, {len(part.missing_cases)} missing"
        )
        for piece in part.slices:
            if piece.regressed:
                yield f"  slice {show(piece.id)} regressed (n = {piece.n_cases}): {piece.n_regressed} regressed, {piece.improved} improved"
        if part.regressed_cases:
            names = ", ".join(show(name) for name in part.regressed_cases[:SHOWN])
            yield f"  regressed: {names}{' ...' if part.regressed > SHOWN else ''}"
    for name, measure in result.measures.items():
        yield f"{show(name)}: {show(measure.message)}"
    for warning in result.warnings:
        yield f"note: {show(warning)}"


def _rate(arm: ArmRate) -> str:
    return "no case" if arm.rate is None else f"{arm.n_passed}/{arm.n} = {arm.rate:.1%}"


def _difference(part: SubsetResult) -> str:
    difference = part.difference
    if (
        difference is None
        or difference.estimate is None
        or difference.low is None
        or difference.high is None
    ):
        return "no interval: too few independent cases"
    p_value = "" if part.p_value is None else f", p = {part.p_value:.2g}"
    return (
        f"difference {difference.estimate * 100:+.1f} points "
        f"[{difference.low * 100:+.1f}, {difference.high * 100:+.1f}] at {difference.confidence:.0%} ({difference.method}){p_value}"
    )
