"""What a recalibration says of an action type, in words that the page and the terminal share."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from hitl.recalibrate.parts import CurvePoint, Recalibration, Threshold, TypeResult
from hitl.recalibrate.words import Direction, ErrorsBy, State
from hitl.render import numbers
from hitl.render.recalibration.points import at, share_alone
from hitl.render.text import brief

NAME = 60
_FEW = 3
"""Names that a sentence can carry."""
_DECIMALS = 2


def limit(threshold: Threshold | None) -> str:
    """Return a threshold as it is written in a policy, with two decimals and more where it has them.

    >>> limit(0.9), limit(0.8512), limit("never"), limit(None)
    ('0.90', '0.8512', 'never', '—')
    """
    match threshold:
        case None:
            return numbers.UNKNOWN
        case "never":
            return "never"
        case float() | int():
            whole, _, decimals = f"{threshold:.4f}".partition(".")
            return f"{whole}.{decimals.rstrip('0').ljust(_DECIMALS, '0')}"
        case _:
            assert_never(threshold)


def moves(result: TypeResult) -> str:
    """Return the threshold in force and the one that is proposed, once where they are the same."""
    before, after = limit(result.auto), limit(result.proposed)
    if result.proposed is None or before == after:
        return before
    return f"{before} → {after}"


def is_bare(result: TypeResult) -> bool:
    """Whether a type keeps autonomy that nothing certifies."""
    return (
        result.direction is Direction.KEEPS
        and result.certificate is None
        and result.proposed != "never"
    )


def is_shut(result: TypeResult) -> bool:
    """Whether a type loses all of its autonomy."""
    return result.direction is Direction.LOSES and result.proposed == "never"


def direction(result: TypeResult) -> str:
    """Return what becomes of the autonomy, in a word or two."""
    match result.direction:
        case Direction.GAINS:
            return "may gain"
        case Direction.LOSES:
            return "loses all" if is_shut(result) else "loses some"
        case Direction.KEEPS:
            return "keeps, uncertified" if is_bare(result) else "keeps"
        case Direction.NONE:
            return "none to give" if result.state is State.CLOSED else "none"
        case _:
            assert_never(result.direction)


def shape(result: TypeResult) -> str:
    """Return a character whose shape alone tells the direction."""
    match result.direction:
        case Direction.GAINS:
            return "▲"
        case Direction.LOSES:
            return "■" if is_shut(result) else "▼"
        case Direction.KEEPS:
            return "◆" if is_bare(result) else "●"
        case Direction.NONE:
            return "○"
        case _:
            assert_never(result.direction)


def tone(result: TypeResult) -> str:
    """Return the state whose colours a direction has on every page."""
    if is_shut(result) or is_bare(result):
        return "fail"
    match result.direction:
        case Direction.GAINS | Direction.KEEPS:
            return "pass"
        case Direction.LOSES:
            return "undecided"
        case Direction.NONE:
            return "none"
        case _:
            assert_never(result.direction)


def name(result: TypeResult) -> str:
    """Return the action type on one line."""
    return brief(result.action_type, NAME)


def headline(document: Recalibration) -> str:
    """Return what becomes of all action types, in one sentence with their number."""
    if not document.types:
        return "The policy has no action type, so there is nothing to recalibrate."
    groups = (
        ("may gain autonomy", [one for one in document.types if one.direction is Direction.GAINS]),
        ("loses some|lose some", [one for one in document.types if one.direction is Direction.LOSES and not is_shut(one)]),
        ("loses all of it|lose all of it", [one for one in document.types if is_shut(one)]),
        ("keeps a threshold that nothing certifies|keep thresholds that nothing certifies", [one for one in document.types if is_bare(one)]),
        ("keeps its threshold|keep their thresholds", [one for one in document.types if one.direction is Direction.KEEPS and not is_bare(one)]),
        ("has no autonomy, before or after|have no autonomy, before or after", [one for one in document.types if one.direction is Direction.NONE]),
    )  # fmt: skip
    said = [_group(words, found) for words, found in groups if found]
    return f"Of {numbers.counted(len(document.types), 'action type')}, {'; '.join(said)}."


def lead(result: TypeResult) -> str:
    """Return what becomes of one action type, with its numbers, in a sentence that its name begins."""
    match result.direction:
        case Direction.GAINS:
            return f"{name(result)} may gain autonomy: {_at_new(result)}."
        case Direction.LOSES if is_shut(result):
            return f"{name(result)} loses its autonomy, because no threshold is certified: {_now(result)}."
        case Direction.LOSES:
            return f"{name(result)} loses autonomy: {_at_new(result)}."
        case Direction.KEEPS if is_bare(result):
            return f"{name(result)} keeps {limit(_new(result))} although nothing certifies it: {_now(result)}."
        case Direction.KEEPS:
            return f"{name(result)} keeps its threshold: {_at_new(result)}."
        case Direction.NONE:
            return f"{name(result)} has no {_idle(result)}."
        case _:
            assert_never(result.direction)


def error_at_new(result: TypeResult) -> str:
    """Return the error rate at the certified threshold with its upper limit; a dash without a certificate."""
    proof = result.certificate
    if proof is None:
        return numbers.UNKNOWN
    point = at(result.curve, proof.threshold)
    top = f"at most {numbers.percent(proof.upper)}"
    return top if point is None or point.error is None else f"{numbers.percent(point.error)}, {top}"


def error_now(result: TypeResult) -> str:
    """Return the error rate at the threshold in force with its upper limit; a dash where no label speaks."""
    if result.current_error is None:
        return numbers.UNKNOWN
    if result.current_error_high is None:
        return numbers.percent(result.current_error)
    return f"{numbers.percent(result.current_error)}, at most {numbers.percent(result.current_error_high)}"


def wrong(n: int, k: int) -> str:
    """Return how many of the labelled decisions were wrong.

    >>> wrong(1204, 12)
    '12 of 1,204 wrong'
    """
    return f"{k:,} of {n:,} wrong"


def before_after(values: tuple[float | None, float | None], *, as_share: bool = True) -> str:
    """Return two numbers with an arrow between them, or one where they are written alike.

    >>> before_after((0.64, 0.82)), before_after((41.0, 33.5), as_share=False), before_after((0.5, None))
    ('64.0 → 82.0 %', '41 → 33.5', '50.0 % → —')
    """
    first, second = (numbers.percent(one) if as_share else amount(one) for one in values)
    if first == second:
        return first
    unit = " %" if first.endswith(" %") and second.endswith(" %") else ""
    return f"{first.removesuffix(unit)} → {second}"


def amount(value: float | None) -> str:
    """Return a quantity, of which float noise does not decide how many figures it gets.

    >>> amount(3.0000000000000004), amount(3.4), amount(None)
    ('3', '3.40', '—')
    """
    return numbers.number(None if value is None else round(value, 9))


def alone(result: TypeResult) -> tuple[float | None, float | None]:
    """Return the share that runs alone, of decisions that could: in force, and proposed."""
    if result.state is State.UNBOUND:
        return None, None
    return share_alone(result.curve, result.auto), share_alone(result.curve, _new(result))


def in_force(result: TypeResult) -> CurvePoint | None:
    """Return the point of the threshold in force; none where the curve does not have it."""
    return at(result.curve, result.auto)


def after(result: TypeResult) -> CurvePoint | None:
    """Return the point of the threshold that is proposed; none where the curve does not have it."""
    return at(result.curve, _new(result))


def hours(result: TypeResult) -> tuple[float | None, float | None]:
    """Return hours a week of reviewers: in force, and proposed."""
    points = (in_force(result), after(result))
    first, second = (one.reviewer_hours_per_week if one else None for one in points)
    return first, second


def escalated(result: TypeResult) -> tuple[float | None, float | None]:
    """Return the share of all decisions of the type that a person decides first: in force, and proposed."""
    return _escalated(result, result.auto), _escalated(result, _new(result))


def labels_line(result: TypeResult) -> str:
    """Return how many labels would settle a type without a certificate; empty where its reason says it already."""
    needed = numbers.count(result.labels_needed)
    if result.certificate is not None or result.labels_needed is None or needed in result.reason:
        return ""
    return f"About {numbers.counted(result.labels_needed, 'labelled decision')} would settle it, if errors stay as frequent as seen."


def promise(document: Recalibration) -> str:
    """Return what a certificate promises."""
    whose = "all action types together" if document.is_family else "each action type by itself"
    over = "over all recalibrations" if document.spends else "in each recalibration"
    return (
        f"At most {numbers.level(document.target)} of the decisions that run alone are wrong, with"
        f" {numbers.level(round(1 - document.delta, 10))} confidence for {whose}, {over}"
    )


def promised(document: Recalibration) -> str:
    """Return to which action types the promise is given; where none has a certificate, that nothing is promised."""
    alone = [one for one in document.types if one.direction is not Direction.NONE]
    certified = [one for one in alone if one.certificate is not None]
    if not certified:
        return f"Nothing is promised, because no threshold is certified. To be proved was: {_lowered(promise(document))}"
    if len(certified) == len(alone):
        return promise(document)
    names = ", ".join(brief(one.action_type, 40) for one in certified[:_FEW])
    rest = f" and {len(certified) - _FEW} more" if len(certified) > _FEW else ""
    return f"Promised only of {names}{rest}: {_lowered(promise(document))}"


def assumptions(document: Recalibration) -> Iterator[str]:
    """Yield what a certificate takes for granted."""
    yield (
        "Tomorrow looks like this log: the same model, prompt and kinds of work, in the same mix. A certificate says"
        " nothing of another model, and nothing after what the decisions are about has changed."
    )
    match document.errors_by:
        case ErrorsBy.CORRECT:
            yield "The labels are right. An error that reviewers do not see is in no label, and so in no number here."
        case ErrorsBy.OVERRIDE:
            yield (
                "What a person changed or rejected was wrong, and what was approved was right. An error that reviewers"
                " do not see is in no number here."
            )
        case _:
            assert_never(document.errors_by)
    yield (
        "The promise is about the mean of an action type at and above its threshold. Some kinds of decisions within it"
        " can be wrong more often."
    )
    yield "Decisions are independent of each other. Where one cause makes many of them wrong at once, the limits are too narrow."


def reasons(types: Sequence[TypeResult]) -> list[tuple[TypeResult, str]]:
    """Return the types without a certificate, each with its reason and what would settle it."""
    return [
        (one, " ".join(part for part in (_sentence(one.reason), labels_line(one)) if part))
        for one in types
        if one.certificate is None
    ]


def _new(result: TypeResult) -> Threshold | None:
    """What will be in force: no proposal leaves things as they are."""
    return result.auto if result.proposed is None else result.proposed


def _escalated(result: TypeResult, threshold: Threshold | None) -> float | None:
    if threshold == "never" and result.curve:
        return 1.0
    point = at(result.curve, threshold)
    return None if point is None else point.escalation


def _at_new(result: TypeResult) -> str:
    parts = [f"auto {moves(result)}"]
    before, new = alone(result)
    if before is not None or new is not None:
        parts.append(f"{before_after((before, new))} of what could run alone does")
    if result.certificate is not None:
        parts.append(
            f"error {error_at_new(result)} ({wrong(result.certificate.n, result.certificate.k)})"
        )
    return ", ".join(parts)


def _idle(result: TypeResult) -> str:
    if result.certificate is None:
        return f"autonomy: {_reason(result)}"
    at_best = limit(result.certificate.threshold)
    return f"thresholds in the policy, though {at_best} could be certified: error {error_at_new(result)}"


def _now(result: TypeResult) -> str:
    parts = [_reason(result)]
    if result.current_error is not None:
        parts.append(f"at {limit(result.auto)} the error is {error_now(result)}")
    more = labels_line(result)
    if more:
        parts.append(_lowered(more).rstrip("."))
    return "; ".join(parts)


def _reason(result: TypeResult) -> str:
    return brief(result.reason, 400).rstrip(".") or "no reason is given"


def _sentence(text: str) -> str:
    line = brief(text, 600).rstrip()
    if not line:
        return ""
    return line[0].upper() + line[1:] + ("" if line.endswith((".", "…", "!", "?")) else ".")


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _group(words: str, found: Sequence[TypeResult]) -> str:
    one, _, more = words.partition("|")
    verb = one if len(found) == 1 or not more else more
    names = ", ".join(brief(result.action_type, 40) for result in found[:_FEW])
    rest = f" and {len(found) - _FEW} more" if len(found) > _FEW else ""
    return f"{len(found):,} {verb} ({names}{rest})"
