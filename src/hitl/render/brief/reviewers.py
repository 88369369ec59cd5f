"""What becomes of the reviewers: the thresholds that move, and the work that is forecast."""

from collections.abc import Iterator

from hitl.recalibrate.forecast.parts import Forecast, Outlook, Range, Setting
from hitl.recalibrate.forecast.past import is_no_worse
from hitl.recalibrate.words import Direction, State
from hitl.record.forecast_parts import ProofPart, ThresholdMove
from hitl.record.release import ReleaseRecord
from hitl.render import numbers
from hitl.render.forecast.words import break_word
from hitl.render.text import brief

MOST_MOVES = 12
MOST_BREAKS = 4
MOST_SUGGESTIONS = 3
"""Of one action type."""
_NAME, _REASON = 120, 300
_WORK = (
    ("reviews a week", "reviews_per_week"),
    ("reviewer hours a week", "reviewer_hours_per_week"),
)


def threshold_lines(record: ReleaseRecord) -> tuple[str, ...]:
    """Return which thresholds move and why; nothing where the release names no recalibration."""
    found = record.recalibration
    if found is None:
        return ()
    moving = [move for move in found.moves if move.before != move.after and move.after is not None]
    head = (
        [f"These thresholds are not in force: {brief(found.unused, _REASON)}"]
        if found.unused
        else []
    )
    head += [] if moving else [
        f"No threshold of policy version {brief(found.policy_version, _NAME)} moves."
    ]  # fmt: skip
    if moving and found.new_version is not None:
        head += [
            f"They are proposed as policy version {brief(found.new_version, _NAME)} and hold once that is applied."
        ]
    bare = [move for move in found.moves if _is_bare(move)]
    more = (
        [f"{len(moving) - MOST_MOVES:,} more thresholds move; the record names them."]
        if len(moving) > MOST_MOVES
        else []
    )
    return (*head, *(_moved(move) for move in moving[:MOST_MOVES]), *more, *_bare(bare), *_advice(found.moves))  # fmt: skip


def forecast_lines(record: ReleaseRecord) -> tuple[str, ...]:
    """Return what would break, else that nothing would, and the work in one line; nothing where there is no forecast."""
    found = record.forecast
    if found is None or found.unmeasured:
        return ()
    now = _as_it_is(found)
    work = _work(found, now) if now is not None and not now.reason else ""
    return tuple(filter(None, (*_breaks(found), work)))


def _breaks(found: Forecast) -> Iterator[str]:
    """Yield what would break under the policy in force, what is certain first; else the headline."""
    now = [one for one in found.breaks if one.setting is Setting.AS_IT_IS]
    if not now:
        yield brief(found.headline, _REASON)
    for one in sorted(now, key=lambda one: (is_no_worse(one), not one.is_certain))[:MOST_BREAKS]:
        yield f"{break_word(one).capitalize()}: {brief(one.message, _REASON)}"
    if len(now) > MOST_BREAKS:
        yield f"{len(now) - MOST_BREAKS:,} more would or may break; the record names them."


def unforeseen_lines(forecast: Forecast) -> Iterator[str]:
    """Yield what a forecast could not say of the work of reviewers under the policy in force."""
    now = _as_it_is(forecast)
    if now is None or now.reason:
        why = brief(now.reason, _REASON) if now else "no forecast was made of it"
        yield f"What reviewers would face under the policy as it is: {why}"
        return
    for name, field in _WORK:
        found: Range = getattr(now, field)
        if found.estimate is None:
            yield f"How many {name} would come: {brief(found.reason, _REASON) or 'the forecast does not say'}"


def _as_it_is(forecast: Forecast) -> Outlook | None:
    return next((one for one in forecast.outlooks if one.setting is Setting.AS_IT_IS), None)


def _work(found: Forecast, now: Outlook) -> str:
    before = found.observed or found.previous
    parts = [
        f"{name} {_range(getattr(now, field))}{_against(getattr(before, field) if before else None)}"
        for name, field in _WORK
        if getattr(now, field).estimate is not None
    ]
    level = numbers.level(found.confidence)
    told = ", ".join(parts)
    return f"{told[:1].upper()}{told[1:]} ({level} ranges, n = {numbers.counted(found.n_cases, 'case')})." if parts else ""  # fmt: skip


def _range(value: Range) -> str:
    if value.low is None:
        return f"{numbers.number(value.estimate)} (range not known)"
    if value.high is None:
        return f"{numbers.number(value.estimate)} (at least {numbers.number(value.low)})"
    return f"{numbers.number(value.estimate)} ({numbers.number(value.low)} to {numbers.number(value.high)})"


def _against(value: Range | None) -> str:
    if value is None or value.estimate is None:
        return ""
    return f" against {numbers.number(value.estimate)}"


def _moved(move: ThresholdMove) -> str:
    name, why = brief(move.action_type, _NAME), brief(move.reason, _REASON)
    after, before = _from(move.after), _from(move.before)
    now = "runs alone no longer" if after == "never" else f"runs alone {after}"
    proof = f" {_proof(move.proof)}" if move.proof else ""
    return f"{name} {now} (before: {before}). {why[:1].upper()}{why[1:]}{proof}"


def _is_bare(move: ThresholdMove) -> bool:
    """Whether a type goes on alone although nothing certifies it."""
    return move.direction == Direction.KEEPS and move.proof is None and move.after != "never"


def _bare(moves: list[ThresholdMove]) -> Iterator[str]:
    for move in moves[:MOST_MOVES]:
        where = "below any threshold" if move.state == State.UNBOUND else _from(move.before)
        yield (
            f"{brief(move.action_type, _NAME)} goes on alone {where} although nothing certifies it: "
            f"{brief(move.reason, _REASON)}"
        )
    if len(moves) > MOST_MOVES:
        yield f"{len(moves) - MOST_MOVES:,} more types go on alone without a certificate; the record names them."


def _from(threshold: float | str | None) -> str:
    match threshold:
        case None:
            return "never"
        case str():
            return brief(threshold, 20)
        case _:
            return f"from confidence {threshold:.4g}"


def _proof(proof: ProofPart) -> str:
    return (
        f"Proved: at most {numbers.percent(proof.target)} wrong, but for a chance of {numbers.percent(proof.delta)} "
        f"({proof.k:,} of {proof.n:,} labelled were wrong; valid until {brief(proof.valid_until, 40)})."
    )


def _advice(moves: tuple[ThresholdMove, ...]) -> Iterator[str]:
    for move in moves[:MOST_MOVES]:
        for text in move.suggestions[:MOST_SUGGESTIONS]:
            yield f"{brief(move.action_type, _NAME)}: {brief(text, _REASON)}"
