"""What to look for: a checklist in which every line says why it is there."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from hitl.record.parts import Failure, SliceResult, SubsetResult
from hitl.record.release import ReleaseRecord
from hitl.render import numbers
from hitl.render.arms import kinds
from hitl.render.brief.examples import new_modes
from hitl.render.brief.style import style_shifts
from hitl.render.text import brief

MOST = 18
"""Lines of the list: a longer one is not read."""
MOST_WORSE = 20
_NAME, _RULE = 120, 160


@dataclass(frozen=True, slots=True)
class Watch:
    """One thing to look for."""

    look: str
    why: str


def watch_list(record: ReleaseRecord) -> tuple[Watch, ...]:
    """Return what to look for, the gravest first, each thing once."""
    found: dict[str, Watch] = {}
    for source, most in (
        (_zero_tolerance, 2), (_modes, 4), (_rules, 3), (_style, 6), (_slices, 3), (_readings, 2), (_endings, 3), (_flaky, 1),
    ):  # fmt: skip
        new = (item for item in source(record) if item.look not in found)
        for item in islice(new, most):
            found.setdefault(item.look, item)
    return tuple(islice(found.values(), MOST))


def worse_lines(record: ReleaseRecord) -> tuple[str, ...]:
    """Return the subsets and slices that got worse beyond chance, the subsets first."""
    lines = [
        _worse(brief(part.id, _NAME), part, part.regressed)
        for part in record.subsets
        if part.p_worse is not None and part.p_worse <= 1 - record.confidence
    ]
    lines += [
        _worse(f"{brief(part.id, _NAME)} in {brief(subset.id, _NAME)}", part, part.n_regressed)
        for subset, part in _worse_slices(record)
    ]
    more = (
        [f"{len(lines) - MOST_WORSE:,} more slices stand in the record."]
        if len(lines) > MOST_WORSE
        else []
    )
    return (*lines[:MOST_WORSE], *more)


def _worse(name: str, part: SubsetResult | SliceResult, lost: int) -> str:
    difference = numbers.points(part.difference.estimate if part.difference else None)
    return (
        f"{name}: {lost:,} lost, {part.improved:,} gained, {difference} "
        f"({numbers.points_range(part.difference)}; n = {part.n_cases:,})."
    )


def _worse_slices(record: ReleaseRecord) -> list[tuple[SubsetResult, SliceResult]]:
    """Return the slices that regressed, the deepest drop first; one that holds a whole subset says no more than it."""
    found = [
        (subset, part)
        for subset in record.subsets
        for part in subset.slices
        if part.regressed and part.n_cases < subset.n_cases
    ]
    return sorted(found, key=lambda one: (_drop(one[1]), one[0].id, one[1].id))


def _drop(part: SliceResult) -> float:
    return part.difference.estimate or 0.0 if part.difference else 0.0


def _zero_tolerance(record: ReleaseRecord) -> Iterator[Watch]:
    failed = [failure for failure in record.failures if failure.zero_tolerance]
    for failure in failed:
        rules = (
            "; ".join(brief(rule, _RULE) for rule in failure.expected[:2])
            or "what the case expects"
        )
        yield Watch(
            f"Stop and escalate if this does not hold: {rules}",
            f"the candidate breaks it in {brief(failure.case_id, _NAME)}, a case with zero tolerance",
        )  # fmt: skip


def _modes(record: ReleaseRecord) -> Iterator[Watch]:
    for mode in new_modes(record):
        yield Watch(
            f"Look in {brief(mode.subset, _NAME)} for replies that break this: {brief(mode.name, _RULE)}",
            f"new: {mode.n_candidate:,} with the candidate, {mode.n_previous:,} before",
        )


def _rules(record: ReleaseRecord) -> Iterator[Watch]:
    """Yield the rules that lost cases break most, without those that a new mode names."""
    named = {(mode.subset, rule) for mode in new_modes(record) for rule in mode.rule.split("; ")}
    lost = [failure for failure in record.failures if failure.verdict == "regressed"]
    counts = Counter(pair for failure in lost for pair in _broken(failure) if pair not in named)
    for (subset, rule), n in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        yield Watch(
            f"Check in every reply of {brief(subset, _NAME)}: {brief(rule, _RULE)}",
            f"it is broken in {numbers.counted(n, 'lost case')}",
        )


def _broken(failure: Failure) -> set[tuple[str, str]]:
    return {(failure.subset, rule) for rule in failure.expected}


def _slices(record: ReleaseRecord) -> Iterator[Watch]:
    for subset, part in _worse_slices(record):
        yield Watch(
            f"Take more time where {brief(part.name, _NAME)} is {brief(part.value, _NAME)}",
            f"{part.n_regressed:,} of {part.n_cases:,} cases of {brief(subset.id, _NAME)} are lost there, {part.improved:,} gained",
        )


def _style(record: ReleaseRecord) -> Iterator[Watch]:
    for shift in style_shifts(record):
        if shift.advice:
            yield Watch(shift.advice, shift.sentence[:1].lower() + shift.sentence[1:])


def _readings(record: ReleaseRecord) -> Iterator[Watch]:
    for subset in record.subsets:
        before, after = (
            sum(subset.repair_events.get(arm, {}).values()) for arm in ("previous", "candidate")
        )
        if after > before:
            yield Watch(
                f"Compare what your screen shows with the raw reply in {brief(subset.id, _NAME)}",
                f"{after:,} replies were not the JSON that was asked for ({kinds(subset.repair_events['candidate'])}), {before:,} before",
            )


def _endings(record: ReleaseRecord) -> Iterator[Watch]:
    before, after = record.previous_model, record.candidate_model
    for ending, look in (
        ("truncated", "Look whether a reply ends before its conclusion; one that does is not an answer."),
        ("empty", "Expect empty replies; they go to a person and approve nothing."),
        ("failed", "Expect calls that failed; what the fallback does is not what the model said."),
    ):  # fmt: skip
        was, now = before.endings.get(ending, 0), after.endings.get(ending, 0)
        if now * max(before.n_replies, 1) > was * max(after.n_replies, 1):
            yield Watch(
                look,
                f"{now:,} of {after.n_replies:,} replies, {was:,} of {before.n_replies:,} before",
            )


def _flaky(record: ReleaseRecord) -> Iterator[Watch]:
    n = sum(failure.verdict == "flaky" for failure in record.failures)
    if n:
        yield Watch(
            "Do not count on the same answer to the same question",
            f"{numbers.counted(n, 'case')} of {sum(part.n_cases for part in record.subsets):,} passed in some repeats and failed in others",
        )
