"""A walk in plain text from the verdict down to the replies: why, by which rule, over which cases."""

from hitl.errors import UsageError
from hitl.record.parts import ArmRate, Failure, ReplyView, RulePart, SubsetResult
from hitl.record.release import ReleaseRecord
from hitl.render import numbers
from hitl.render.advice import advice
from hitl.render.arms import ending_lines
from hitl.render.cases import gravest_first, verdict_title
from hitl.render.forecast.lines import move_line, whole
from hitl.render.forecast.words import is_shown_first
from hitl.render.judges import cascade_line, correction_line, judge_found, shows_cascade
from hitl.render.people import people_lines, vote_lines
from hitl.render.text import one_line, show
from hitl.render.words import (
    authority_effect,
    authority_word,
    next_steps,
    said,
    state_shape,
    verdict_shape,
)

_MOST_CASES = 10
"""Cases that are listed for each subset unless one is asked for."""


def explain(record: ReleaseRecord, subset: str | None, case: str | None) -> str:
    """Return the walk, narrowed to one subset or one case if they are named.

    Raises:
        UsageError: the record has no such subset or failed case; the message lists what it has.
    """
    failures = _chosen_failures(record, subset, case)
    names = {failure.subset for failure in failures} if case else {subset} if subset else None
    subsets = [one for one in record.subsets if names is None or one.id in names]
    lines = [
        f"{verdict_shape(record.verdict)} {record.verdict.value.upper()}  {record.release_id}",
        f"  {one_line(record.headline)}",
        "",
    ]
    forecast = _forecast(record) if names is None else []
    is_first = is_shown_first(record.forecast)
    lines += [*forecast, ""] if is_first and forecast else []
    for reason in record.reasons:
        if names is None or reason.subset in names:
            lines += _told("why", reason.code, reason.subset, said(reason))
    for one in subsets:
        own = [failure for failure in failures if failure.subset == one.id]
        lines += ["", *_subset(one), *_cases(own, record, is_whole=case is not None)]
    lines += [] if is_first or not forecast else ["", *forecast]
    lines += _people(record) if names is None else []
    lines += _notes(record, names)
    if names is None:
        lines += [
            *_run(record),
            "",
            "Next",
            *(f"  - {one_line(step)}" for step in next_steps(record)),
        ]
    return show("\n".join(lines)) + "\n"


def _told(kind: str, code: str, subset: str | None, message: str) -> list[str]:
    where = f" in {subset}" if subset else ""
    todo = advice(code)
    return [
        f"  {kind}: {code}{where}: {one_line(message)}",
        *([f"       what to do: {todo}"] if todo else []),
    ]


def _notes(record: ReleaseRecord, names: set[str] | None) -> list[str]:
    lines = [
        line
        for note in record.findings
        if names is None or note.subset in names
        for line in _told("note", note.code, note.subset, said(note))
    ]
    return ["", "What else is known", *lines] if lines else []


def _forecast(record: ReleaseRecord) -> list[str]:
    """Return what reviewers would face, and what a recalibration would change."""
    lines = [f"  - {one_line(line)}" for line in whole(record)]
    found = ["What reviewers would face", *lines] if lines else []
    if record.recalibration is None:
        return found
    unused = record.recalibration.unused
    said = [f"  not used: {one_line(unused)}"] if unused else []
    moves = [f"  - {one_line(move_line(one))}" for one in record.recalibration.moves]
    return [*found, "Recalibration", *said, *moves]


def _people(record: ReleaseRecord) -> list[str]:
    """Return what people found in a review."""
    lines = [f"  - {one_line(line)}" for line in people_lines(record)]
    return ["", "What people found", *lines] if lines else []


def _run(record: ReleaseRecord) -> list[str]:
    """Return how the replies ended, and what judges made of them."""
    lines = [*ending_lines(record), *map(judge_found, record.judges)]
    lines += [
        f"corrected by people: {correction_line(part)}" for part in record.corrected_differences
    ]
    lines += [cascade_line(record.cascade)] if shows_cascade(record) else []
    return (
        ["", "How it was measured", *(f"  - {one_line(line)}" for line in lines)] if lines else []
    )


def _chosen_failures(record: ReleaseRecord, subset: str | None, case: str | None) -> list[Failure]:
    known = [one.id for one in record.subsets]
    if subset is not None and subset not in known:
        raise UsageError(f"the record has no subset {show(subset)!r}; it has {_listed(known)}")
    own = [one for one in gravest_first(record.failures) if subset in (None, one.subset)]
    if case is None:
        return own
    found = [one for one in own if one.case_id == case]
    if not found:
        raise UsageError(
            f"no failed case {show(case)!r}{f' in {subset}' if subset else ''}; failed: {_listed([one.case_id for one in own])}"
        )
    return found


def _listed(names: list[str]) -> str:
    shown = ", ".join(one_line(name) for name in names[:20]) or "none"
    return f"{shown} and {len(names) - 20:,} more" if len(names) > 20 else shown


def _subset(part: SubsetResult) -> list[str]:
    difference = part.difference
    authority = f"({authority_word(part.authority)}: {authority_effect(part.authority)})"
    flips = f"{part.regressed:,} lost, {part.improved:,} gained"
    estimate = numbers.points(difference.estimate if difference else None)
    measured = f"n = {difference.n:,}" if difference else "n = 0"
    lines = [
        f"{state_shape(part.state)} {part.state.value.upper()}  {part.id}  {authority}",
        f"  {one_line(part.reason)}",
        f"  previous   {_arm(part.previous)}",
        f"  candidate  {_arm(part.candidate)}",
        f"  difference {estimate}, {numbers.points_range(difference)}, {measured}; {flips}",
    ]
    lines += [_rule(rule) for rule in part.rules] or ["  no rule could be applied"]
    lines += [
        f"  slice {one.id} regressed: {numbers.points(one.difference.estimate if one.difference else None)}, {numbers.points_range(one.difference)}, n = {one.n_cases:,}"
        for one in part.slices
        if one.regressed
    ]
    if part.detectable_drop is not None:
        lines.append(
            f"  a true drop of less than {numbers.points(part.detectable_drop).lstrip('+')} could well go unseen here (n = {part.n_cases:,})"
        )
    return lines


def _arm(arm: ArmRate) -> str:
    return f"{numbers.percent(arm.rate)}, {numbers.passed(arm)} cases, {numbers.percent_range(arm.low, arm.high)}"


def _rule(rule: RulePart) -> str:
    found, limit = (
        numbers.rule_number(rule.rule, rule.value, "found"),
        numbers.rule_number(rule.rule, rule.limit, "limit"),
    )
    return f"  {state_shape(rule.state)} {rule.rule} {rule.state.value}: found {found}, limit {limit}, n = {rule.n:,}. {one_line(rule.message)}"


def _cases(failures: list[Failure], record: ReleaseRecord, *, is_whole: bool) -> list[str]:
    if is_whole:
        return [line for failure in failures for line in _whole_case(failure, record)]
    lines = [
        f"    {verdict_title(one.verdict)}: {one_line(one.case_id)} ({one.severity}): {one_line('; '.join(one.candidate.findings or one.expected))}"
        for one in failures[:_MOST_CASES]
    ]
    if len(failures) > _MOST_CASES:
        lines.append(
            f"    and {len(failures) - _MOST_CASES:,} more failed cases; --case ID shows one with its replies"
        )
    return lines


def _whole_case(failure: Failure, record: ReleaseRecord) -> list[str]:
    zero = ", zero tolerance" if failure.zero_tolerance else ""
    return [
        "",
        f"  case {one_line(failure.case_id)}: {verdict_title(failure.verdict)} ({failure.severity}{zero})",
        *(f"    expected: {one_line(rule)}" for rule in failure.expected),
        *_text("input", failure.input, 0),
        *_reply("previous", failure.previous),
        *_reply("candidate", failure.candidate),
        *(f"    {line}" for line in vote_lines(record, failure.case_id)),
    ]


def _reply(name: str, reply: ReplyView) -> list[str]:
    head = f"    {name}: {reply.mark}, {reply.n_passed:,} of {reply.n_repeats:,} repeats pass"
    return [
        head,
        *(f"      saw: {one_line(finding)}" for finding in reply.findings),
        *_text("reply", reply.text, reply.cut),
    ]


def _text(name: str, text: str, left_out: int) -> list[str]:
    lines = [f"    {name}:", *(f"      | {line}" for line in show(text).split("\n"))]
    return [*lines, f"      ({left_out:,} characters cut)"] if left_out else lines
