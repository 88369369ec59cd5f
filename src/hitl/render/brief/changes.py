"""What changed, as reviewers need to know it: models, settings, cost and speed, and the verdict in words."""

import json
from collections.abc import Iterator
from typing import assert_never

from hitl.document.schema import Json
from hitl.gate.verdict_words import Verdict
from hitl.record.parts import ArmIdentity, MeasurePart
from hitl.record.release import ReleaseRecord
from hitl.render import numbers
from hitl.render.text import brief
from hitl.render.words import last_good, said

_MOST = 8
_NAME = 120


def verdict_words(record: ReleaseRecord) -> str:
    """Return what the verdict means for reviewers."""
    match record.verdict:
        case Verdict.SHIP:
            terms = " under its conditions" if record.conditions else ""
            return f"The gate lets it out{terms}: its replies will come to you."
        case Verdict.HOLD:
            return "The gate holds it: it must not go out as it is."
        case Verdict.REVERT:
            return f"The gate sends it back to {brief(last_good(record), _NAME)}: what it proposed already deserves a second look."
        case _:
            assert_never(record.verdict)


def change_lines(record: ReleaseRecord) -> tuple[str, ...]:
    """Return what is different with the candidate, one line each."""
    previous, candidate = record.previous_model, record.candidate_model
    surface = record.change_surface.replace("_", " ")
    return (
        f"Workflow {brief(record.workflow_id, _NAME)}: the {surface} changes, at stage {record.stage.value.replace('_', ' ')}.",
        f"Previous model: {_who(previous)}.",
        f"Candidate: {_who(candidate)}.",
        *_settings(previous, candidate),
        *(f"Condition: {said(part)}" for part in record.conditions[:_MOST]),
        *_measures(record),
    )


def _who(arm: ArmIdentity) -> str:
    asked = brief(arm.declared, _NAME)
    names = ", ".join(brief(name, _NAME) for name in arm.resolved[:3])
    if not names:
        return f"{asked}; its replies name nobody, so who answered is not proved"
    return asked if names == asked else f"{asked}, answered by {names}"


def _settings(previous: ArmIdentity, candidate: ArmIdentity) -> Iterator[str]:
    before, after = previous.params, candidate.params
    changed = [name for name in sorted(before | after) if before.get(name) != after.get(name)]
    for name in changed[:_MOST]:
        was, now = (_plain(params, name) for params in (before, after))
        yield f"Setting {brief(name, _NAME)}: {was} before, {now} with the candidate."
    if len(changed) > _MOST:
        yield f"{len(changed) - _MOST:,} more settings differ; the record names them."


def _plain(params: dict[str, Json], name: str) -> str:
    return brief(json.dumps(params[name], ensure_ascii=False), 80) if name in params else "not set"


def _measures(record: ReleaseRecord) -> Iterator[str]:
    for name, part in record.measures.items():
        if name != "output_chars" and _has_moved(part):
            before, after = (
                numbers.quantity(name, numbers.compared(arm, part.statistic))
                for arm in (part.previous, part.candidate)
            )
            yield (
                f"{brief(numbers.measure_name(name), _NAME)}: {before} before, {after} with the candidate ({brief(part.statistic, 20)} ratio "
                f"{numbers.ratio_range(part.ratio)}, n = {part.n_cases:,})."
            )


def _has_moved(part: MeasurePart) -> bool:
    found = part.ratio
    if found is None or found.low is None or found.high is None:
        return False
    return found.low > 1 or found.high < 1
