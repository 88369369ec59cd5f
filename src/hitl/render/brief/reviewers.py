"""What becomes of the reviewers: the thresholds that move, and the work that is forecast."""

from collections.abc import Iterator

from hitl.recalibrate.forecast.parts import Forecast, Outlook, Range, Setting
from hitl.record.forecast_parts import ProofPart, ThresholdMove
from hitl.record.release import ReleaseRecord
from hitl.render import numbers
from hitl.render.text import brief

MOST_MOVES = 12
MOST_SUGGESTIONS = 3
"""Of one action type."""
_NAME, _REASON = 120, 300


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
    more = (
        [f"{len(moving) - MOST_MOVES:,} more thresholds move; the record names them."]
        if len(moving) > MOST_MOVES
        else []
    )
    return (*head, *(_moved(move) for move in moving[:MOST_MOVES]), *more, *_advice(found.moves))  # fmt: skip


def forecast_lines(record: ReleaseRecord) -> tuple[str, ...]:
    """Return the forecast in two lines; nothing where there is none."""
    found = record.forecast
    if found is None or found.unmeasured:
        return ()
    now = next((one for one in found.outlooks if one.setting is Setting.AS_IT_IS), None)
    work = _work(found, now) if now is not None and not now.reason else ""
    return tuple(filter(None, (brief(found.headline, _REASON), work)))


def _work(found: Forecast, now: Outlook) -> str:
    before = found.observed or found.previous
    parts = [
        f"{name} {_range(after)}{_against(getattr(before, field) if before else None)}"
        for name, field, after in (
            ("reviews a week", "reviews_per_week", now.reviews_per_week),
            ("reviewer hours a week", "reviewer_hours_per_week", now.reviewer_hours_per_week),
        )
        if after.estimate is not None
    ]
    level = numbers.level(found.confidence)
    told = ", ".join(parts)
    return f"{told[:1].upper()}{told[1:]} ({level} ranges, n = {numbers.counted(found.n_cases, 'case')})." if parts else ""  # fmt: skip


def _range(value: Range) -> str:
    if value.low is None or value.high is None:
        return numbers.number(value.estimate)
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
