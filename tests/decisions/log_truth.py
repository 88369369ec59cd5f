"""What a generated log shows on average: computed from what it is made of, not from its rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from tests.decisions.logs import Confidence, Labels, Truth

Numbers = NDArray[np.float64]
_DRAWS = (np.arange(20_000) + 0.5) / 20_000


@dataclass(frozen=True, slots=True)
class Part:
    """Expected rates of some of the decisions, planted ones left out."""

    override: float
    """Modified or rejected, among those on which a person acted."""
    passed_on: float
    """Escalated by the person, among the same."""
    error: float
    """Wrong, among all."""
    escape: float
    """Wrong, among those that ran alone."""
    labelled_error: float
    """Marked as wrong, among those with a label."""
    sent: float
    """Sent to a person first, among all."""
    seen: float
    """Seen by a person, among all."""


@dataclass(frozen=True, slots=True)
class LogTruth:
    """Expected rates of a log. Factors drawn for each person count with their mean of 1."""

    whole: Part
    before: Part
    """The first model."""
    after: Part
    """The second model."""
    by_type: Mapping[str, Part]
    days: Mapping[int, Part]
    """By number of the day."""
    detection: float
    """Chance that a seeded error is not approved, over all people."""
    mean_log_seconds: float
    """Mean of the natural logarithm of review times."""
    calibration_error: float
    """Mean distance of confidence and chance to be right, over all decisions."""
    satisfaction: float | None
    recall: Mapping[str, float]
    """By action type: proposed as such, among labelled decisions for which it would have been right."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """One action type on one day; every number is a share of all decisions."""

    day: int
    name: str
    n: float
    sent: float
    seen: float
    wrong: float
    alone: float
    alone_wrong: float
    labelled: float
    marked_wrong: float
    passed: float
    overridden: float


def truth_of(truth: Truth) -> LogTruth:
    """Return what a log of this truth shows on average."""
    cells = list(_cells(truth))

    def part(keep: list[_Cell]) -> Part:
        return _part(keep or cells)

    detects = _people(truth, truth.detection, 0.0)
    whole = _part(cells)
    happy = truth.satisfaction
    return LogTruth(
        whole=whole,
        before=part([cell for cell in cells if cell.day < truth.upgrade_day]),
        after=part([cell for cell in cells if cell.day >= truth.upgrade_day]),
        by_type={one.name: part([cell for cell in cells if cell.name == one.name]) for one in truth.types},
        days={day: part([cell for cell in cells if cell.day == day]) for day in range(truth.days)},
        detection=float(detects.mean()),
        mean_log_seconds=_log_seconds(truth),
        calibration_error=_calibration_error(truth),
        satisfaction=None if happy is None else happy - 0.3 * (whole.override + whole.passed_on),
        recall=_recall(truth, cells),
    )  # fmt: skip


def _people(truth: Truth, usual: float, of_stampers: float) -> Numbers:
    numbers = np.arange(truth.reviewers)
    return np.where(numbers < truth.rubber_stampers * truth.reviewers, of_stampers, usual)


def _passing(truth: Truth) -> Numbers:
    shares = _people(truth, truth.passes_on, 0.0)
    if truth.passes_on_last is not None and truth.rubber_stampers < 1:
        shares[-1] = truth.passes_on_last
    return shares


def _confidence(truth: Truth) -> Numbers:
    return np.asarray(_DRAWS**truth.confidence_power)


def _error(truth: Truth, confidence: Numbers, *, is_old: bool) -> Numbers:
    level = truth.error if is_old or truth.error_after is None else truth.error_after
    match truth.confidence:
        case Confidence.CALIBRATED:
            return 1 - confidence
        case Confidence.OVERCONFIDENT:
            return 1 - confidence**2
        case Confidence.MILD:
            return level * (2 - confidence)
        case Confidence.UNINFORMATIVE:
            return np.full_like(confidence, level)
        case Confidence.STEEP:
            return np.minimum(1, level + (1 - confidence) ** 2)


def _cells(truth: Truth) -> Iterator[_Cell]:
    known: dict[tuple[bool, int], tuple[float, ...]] = {}
    for day in range(truth.days):
        is_old = day < truth.upgrade_day
        for kind, share in enumerate(truth.mixes[0 if is_old else 1]):
            if (is_old, kind) not in known:
                known[is_old, kind] = _shares(truth, kind, is_old=is_old)
            n = share / truth.days
            sent, seen, wrong, seen_wrong, sent_wrong, alone_wrong = known[is_old, kind]
            labelled, marked = {
                Labels.REVIEWED: (seen, seen_wrong * _marks(truth)),
                Labels.SENT: (sent, sent_wrong * _marks(truth)),
                Labels.ALL: (1.0, seen_wrong * _marks(truth) + wrong - seen_wrong),
            }[truth.labels]
            passed, overridden = _acts(truth, day, kind, seen_wrong / seen if seen else 0.0)
            yield _Cell(
                day, truth.types[kind].name, n, n * sent, n * seen, n * wrong, n * (1 - sent), n * alone_wrong,
                n * labelled, n * marked, n * seen * passed, n * seen * overridden,
            )  # fmt: skip


def _marks(truth: Truth) -> float:
    return float(_people(truth, truth.detection, 0.0).mean())


def _shares(truth: Truth, kind: int, *, is_old: bool) -> tuple[float, ...]:
    confidence = _confidence(truth)
    wrong = _error(truth, confidence, is_old=is_old)
    steps = truth.steps(kind)
    at = [confidence >= step.least for step in steps]
    is_sent = np.select(
        at, [np.full(len(wrong), step.lane in ("queue", "escalate")) for step in steps]
    )
    chance = [step.seen if is_old or step.seen_after is None else step.seen_after for step in steps]
    seen = np.where(is_sent, 1.0, np.select(at, [np.full(len(wrong), one) for one in chance]))
    return tuple(
        float(values.mean())
        for values in (is_sent, seen, wrong, seen * wrong, is_sent * wrong, (1 - is_sent) * wrong)
    )


def _acts(truth: Truth, day: int, kind: int, wrong: float) -> tuple[float, float]:
    """Chance to pass on and to override, over all people, given that a person acts."""
    base = truth.override if day < truth.upgrade_day else truth.override_after
    base += truth.creep * day / truth.days
    on = date.fromisoformat(truth.first_day) + timedelta(days=day)
    base *= (truth.weekend if on.weekday() >= 5 else 1) * truth.types[kind].factor
    numbers = np.arange(truth.reviewers)
    lean = 1 + truth.reviewer_spread * (2 * (numbers + 0.5) / truth.reviewers - 1)
    chance = np.minimum(1, base * lean) * _people(truth, 1.0, 0.0)
    noticed = wrong * _people(truth, truth.detection, 0.0) if truth.acts_on_errors else 0.0
    overrides = noticed + (1 - noticed) * chance
    passing = _passing(truth)
    return float(passing.mean()), float(((1 - passing) * overrides).mean())


def _part(cells: list[_Cell]) -> Part:
    def total(field: str) -> float:
        return float(sum(getattr(cell, field) for cell in cells))

    def share(field: str, of: str) -> float:
        return total(field) / total(of) if total(of) else float("nan")

    return Part(
        override=share("overridden", "seen"),
        passed_on=share("passed", "seen"),
        error=share("wrong", "n"),
        escape=share("alone_wrong", "alone"),
        labelled_error=share("marked_wrong", "labelled"),
        sent=share("sent", "n"),
        seen=share("seen", "n"),
    )


def _log_seconds(truth: Truth) -> float:
    usual = np.log(5 - 40 * np.log(1 - _DRAWS)).mean()
    quick = np.log(0.3 + 0.9 * _DRAWS).mean()
    return float(_people(truth, float(usual), float(quick)).mean())


def _calibration_error(truth: Truth) -> float:
    confidence, old = _confidence(truth), truth.upgrade_day / truth.days
    old = min(max(old, 0.0), 1.0)
    right = 1 - old * _error(truth, confidence, is_old=True)
    right -= (1 - old) * _error(truth, confidence, is_old=False)
    return float(np.abs(confidence - right).mean())


def _recall(truth: Truth, cells: list[_Cell]) -> dict[str, float]:
    """A wrong label names the next type seven times in ten, the one after it otherwise."""
    if not truth.right_types:
        return {}
    names = [one.name for one in truth.types]
    right = dict.fromkeys(names, 0.0)
    strayed = dict.fromkeys(names, 0.0)
    for cell in cells:
        right[cell.name] += cell.labelled - cell.marked_wrong
        for aside, share in ((1, 0.7), (2, 0.3)):
            strayed[names[(names.index(cell.name) + aside) % len(names)]] += (
                share * cell.marked_wrong
            )
    return {name: right[name] / (right[name] + strayed[name]) for name in names}
