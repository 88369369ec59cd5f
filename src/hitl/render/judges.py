"""What judges found and what each layer of the cascade settled, in one line each."""

from collections.abc import Iterable

from hitl.record.judge_parts import (
    CorrectionPart,
    JudgedArmPart,
    JudgedPairsPart,
    JudgePart,
    LayerPart,
)
from hitl.record.release import ReleaseRecord
from hitl.render import numbers
from hitl.render.arms import kinds
from hitl.render.text import brief, one_line

ID_LENGTH = 12
"""Digits of a judge's id that people compare; the record has them all."""
_NAME = 60
_MOST_SUBSETS = 5


def judge_name(judge: JudgePart) -> str:
    """Return rubric, model and id: which judge it was."""
    return f"{brief(judge.rubric, _NAME)}, {brief(judge.model, _NAME)} ({short_id(judge)})"


def short_id(judge: JudgePart) -> str:
    """Return the beginning of a judge's id."""
    return brief(judge.judge_id[:ID_LENGTH], 2 * ID_LENGTH)


def judge_found(judge: JudgePart) -> str:
    """Return what a judge found: grades of both arms and their difference, or how often each arm won."""
    parts = [f"{judge_name(judge)}: {_found(judge)}"]
    if judge.certificate != "valid":
        parts.append(f"certificate {brief(judge.certificate, _NAME).replace('_', ' ')}")
    if judge.same_family:
        parts.append(f"same family as {' and '.join(judge.same_family)}")
    parts.append(spent(judge))
    if judge.signal_in:
        parts.append(f"signal only in {_subsets(judge.signal_in)}")
    return "; ".join(parts)


def spent(judge: JudgePart) -> str:
    """Return how many answers a judge gave, what they cost, and how much it was not shown."""
    told = [numbers.counted(judge.n_calls, "call"), _paid(judge.cost_usd, judge.cost_usd)]
    if judge.n_redacted:
        told.append(f"{numbers.counted(judge.n_redacted, 'piece')} redacted before it was asked")
    return ", ".join(told)


def correction_line(part: CorrectionPart) -> str:
    """Return one corrected difference with its interval, its labels, and what the judge alone said."""
    labels = f"n = {part.n_labelled:,} labelled, {part.n_unlabelled:,} not"
    alone = f"judge alone {numbers.points(part.judged)}"
    if part.estimate is None or part.low is None or part.high is None:
        why = one_line(part.reason) or "no reason is given"
        return f"{one_line(part.subset)}: not corrected ({why}); {alone}; {labels}"
    between = correction_range(part)
    return (
        f"{one_line(part.subset)}: {numbers.points(part.estimate)} ({between}); {alone}; {labels}"
    )


def correction_range(part: CorrectionPart) -> str:
    """Return the interval of a corrected difference."""
    return numbers.signed_range(part.low, part.high)


def shows_cascade(record: ReleaseRecord) -> bool:
    """Whether the layers say something: a judge was asked, or people are left with work."""
    return bool(record.judges) or any(
        layer.n_asked for layer in record.cascade if layer.name != "rules"
    )


def cascade_line(layers: Iterable[LayerPart]) -> str:
    """Return what each layer settled, and what a person is left with, in one sentence."""
    return "; ".join(_layer(layer) for layer in layers)


def layer_cost(layer: LayerPart) -> str:
    """Return what a layer cost, or for people what it would."""
    return cost(layer.cost_low_usd, layer.cost_high_usd)


def cost(low: float | None, high: float | None) -> str:
    """Return what something cost; a range where it is one, and never 0 for what is not known.

    >>> cost(None, None), cost(0.5, 0.5), cost(5.0, 20.0)
    ('unknown', '0.50 USD', '5 to 20 USD')
    """
    if low is None or high is None:
        return "unknown"
    if low == high:
        return numbers.quantity("cost_usd", low)
    return f"{numbers.number(low)} to {numbers.quantity('cost_usd', high)}"


def _found(judge: JudgePart) -> str:
    if judge.pairs is not None:
        return _pairs(judge.pairs)
    arms = [
        (name, arm)
        for name, arm in (("previous", judge.previous), ("candidate", judge.candidate))
        if arm
    ]
    grades = " → ".join(f"{name} {_mean(arm)}" for name, arm in arms) or "no grades"
    shares = " → ".join(
        f"{numbers.percent(arm.share_met)} ({arm.n_met:,} of {arm.n_graded:,})" for _, arm in arms
    )
    has_grades = any(arm.n_graded for _, arm in arms)
    unscored = [
        f"{arm.n_unscored:,} of {arm.n_asked:,} {name} replies unscored ({kinds(arm.unscored) or 'no reason is given'})"
        for name, arm in arms
        if arm.n_unscored
    ]
    met = [f"at or above the limit {shares}"] if has_grades else []
    return "; ".join([f"{grades}, {_difference(judge)}", *met, *unscored])


def _difference(judge: JudgePart) -> str:
    part = judge.difference
    if part is None or part.estimate is None:
        return "no difference measured"
    between = numbers.grade_change_range(part)
    return f"difference {numbers.grade_change(part.estimate)} ({between}, n = {part.n:,})"


def _mean(arm: JudgedArmPart) -> str:
    if arm.mean.estimate is None:
        return f"no grade (n = {arm.mean.n:,})"
    found = numbers.grade(arm.mean.estimate)
    return f"{found} ({numbers.grade_range(arm.mean)}, n = {arm.mean.n:,})"


def _pairs(pairs: JudgedPairsPart) -> str:
    found = (
        f"candidate won {pairs.wins:,}, tied {pairs.ties:,}, lost {pairs.losses:,} of {pairs.n_pairs:,} pairs, "
        f"{pairs.n_unscored:,} without a result"
    )
    if not pairs.n_compared:
        return f"{found}; none was compared in both orders"
    return f"{found}; {_flips(pairs)}; {_first(pairs)}"


def _flips(pairs: JudgedPairsPart) -> str:
    rate = numbers.percent(pairs.flip_rate)
    return f"{pairs.n_flips:,} of {pairs.n_compared:,} flip with the order ({rate})"


def _first(pairs: JudgedPairsPart) -> str:
    share, p_value = numbers.percent(pairs.first_share), numbers.p_value(pairs.first_p_value)
    return f"first preferred {share} ({p_value})"


def _layer(layer: LayerPart) -> str:
    paid = _paid(layer.cost_low_usd, layer.cost_high_usd)
    if layer.name == "person" and layer.n_settled:
        settled = f"people settled {layer.n_settled:,} of {layer.n_asked:,} by their ratings"
        return f"{settled}, {layer.n_left:,} left ({paid})"
    if layer.name == "person":
        return f"{layer.n_asked:,} left for a person ({paid})"
    name = brief(layer.name, _NAME)
    return f"{name} settled {layer.n_settled:,} of {layer.n_asked:,} ({paid})"


def _paid(low: float | None, high: float | None) -> str:
    return "cost unknown" if low is None or high is None else cost(low, high)


def _subsets(names: tuple[str, ...]) -> str:
    shown = ", ".join(brief(name, _NAME) for name in names[:_MOST_SUBSETS])
    more = len(names) - _MOST_SUBSETS
    return f"{shown} and {more:,} more" if more > 0 else shown
