"""From labelled rows to a judge's certificate."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hitl.digest import digest
from hitl.errors import DocumentError, EvidenceError, Mistake
from hitl.golden.golden_set import Rubric
from hitl.manifest.release import ModelSpec
from hitl.score.judge.assess import assess, kappa_weights
from hitl.score.judge.certificate import FORMAT, JudgeCertificate
from hitl.score.judge.certificate_parts import (
    LISTED,
    ONE_ARM,
    SHOWN,
    ArmTable,
    Assessment,
    JudgeMode,
    LabelCounts,
    UnscoredLabel,
)
from hitl.score.judge.identity import judge_id
from hitl.score.judge.label_rows import LabelledRow, row_mistakes
from hitl.score.judge.label_scheme import LabelScheme
from hitl.stats.agreement import cross_table, design_effect, kappa_influence

MOST_ARMS = 2


@dataclass(frozen=True, slots=True)
class LabelCheck:
    """What labelled rows show of a judge."""

    counts: LabelCounts
    assessment: Assessment
    unscored: tuple[UnscoredLabel, ...]
    labels_digest: str
    at_least: float | None


@dataclass(frozen=True, slots=True)
class CheckedJudge:
    """The judge that was checked."""

    rubric_name: str
    rubric: Rubric
    model: ModelSpec
    folder: Path
    """Of the manifest."""


@dataclass(slots=True)
class _Sorted:
    scored: list[tuple[LabelledRow, str]] = field(default_factory=list)
    unscored: list[LabelledRow] = field(default_factory=list)
    ties: int = 0
    unlabelled: int = 0


def build(
    rows: Sequence[LabelledRow],
    scheme: LabelScheme,
    confidence: float = 0.95,
    source: str = "labels",
    probes: tuple[int, int] = (0, 0),
) -> LabelCheck:
    """Compare a judge with people, item by item.

    Several people's labels of an item count by majority; without one the item is left out and
    counted. What the judge said counts only if it is exactly one of the labels. An item in both
    arms is one independent item, as are rows that share a cluster.

    Args:
        rows: from a file, or from a judge that was just asked.
        scheme: the labels and which of them pass.
        confidence: two-sided, of every interval.
        source: where the rows come from, for messages.
        probes: replies put to the judge again with an order to pass them, and those that it passed.

    Raises:
        EvidenceError: no row, or none with a label of people and of the judge.
        DocumentError: rows that contradict each other, or people's labels outside the scheme.
        UsageError: the scheme does not fit the labels.
    """
    if mistakes := list(row_mistakes(list(rows), source)):
        raise DocumentError(mistakes)
    if not any(row.human for row in rows):
        raise EvidenceError(f"{source} holds no item that a person labelled; nothing to judge by")
    labels = scheme.labels_of({label for row in rows for label in row.human})
    _check_people(rows, labels, source)
    parts = _sorted(rows, labels)
    if not parts.scored:
        raise EvidenceError(
            f"{source} holds no item with a majority label of people and a label of the judge; expected labels: {', '.join(labels)}"
        )
    n_probed, n_steered = probes
    counts = _counts(rows, parts, labels, scheme, confidence).model_copy(
        update={"n_probed": n_probed, "n_steered": n_steered}
    )
    listed = tuple(
        UnscoredLabel(
            item=row.item,
            line=row.line,
            said=row.judge[:SHOWN] if row.judge else None,
            reason=row.reason,
        )
        for row in parts.unscored[:LISTED]
    )
    return LabelCheck(counts, assess(counts), listed, rows_digest(rows), scheme.at_least)


def certify(
    check: LabelCheck, judge: CheckedJudge, created_at: datetime, valid_days: int
) -> JudgeCertificate:
    """Return the certificate of a judge; it says itself whether it is valid."""
    own = judge_id(
        judge.rubric_name,
        judge.rubric,
        judge.model,
        pairwise=check.counts.mode is JudgeMode.PAIRWISE,
        folder=judge.folder,
    )
    found = dict(check.counts) | dict(check.assessment)
    return JudgeCertificate(
        **found,
        format=FORMAT,
        judge_id=own,
        rubric=judge.rubric_name,
        rubric_version=judge.rubric.version,
        model=judge.model.id,
        params=judge.model.params,
        at_least=check.at_least,
        labels_digest=check.labels_digest,
        unscored=check.unscored,
        created_at=created_at,
        valid_until=created_at + timedelta(days=valid_days),
    )


def rows_digest(rows: Sequence[LabelledRow]) -> str:
    """Return the SHA-256 of labelled rows, whatever their order."""
    found = [
        [row.arm, row.item, list(row.human), row.judge, row.cluster, row.is_flipped] for row in rows
    ]
    return digest(sorted(found, key=lambda row: (row[0] or "", row[1])))


def majority(labels: Sequence[str]) -> str | None:
    """Return the label that most people gave; None where two lead.

    >>> majority(["a", "b", "a"]), majority(["a", "b"])
    ('a', None)
    """
    leading = Counter(labels).most_common(2)
    if not leading or (len(leading) == 2 and leading[0][1] == leading[1][1]):
        return None
    return leading[0][0]


def _sorted(rows: Sequence[LabelledRow], labels: tuple[str, ...]) -> _Sorted:
    parts = _Sorted()
    for row in rows:
        said = majority(row.human)
        if not row.human:
            parts.unlabelled += 1
        elif said is None:
            parts.ties += 1
        elif row.judge not in labels:
            parts.unscored.append(row)
        else:
            parts.scored.append((row, said))
    return parts


def _counts(
    rows: Sequence[LabelledRow],
    parts: _Sorted,
    labels: tuple[str, ...],
    scheme: LabelScheme,
    confidence: float,
) -> LabelCounts:
    arms = sorted({row.arm or ONE_ARM for row in rows}, key=_arm_order)
    place = {label: number for number, label in enumerate(labels)}
    swapped = [row for row, _ in parts.scored if row.is_flipped is not None]
    clusters = _clusters(parts)
    counts = LabelCounts(
        mode=JudgeMode.PAIRWISE if scheme.is_pairwise else JudgeMode.SCORE,
        labels=labels,
        positive=scheme.positive_of(labels),
        ordinal=scheme.is_ordinal,
        confidence=confidence,
        n_items=len(rows),
        n_scored=len(parts.scored),
        n_unscored=len(parts.unscored),
        n_ties=parts.ties,
        n_unlabelled=parts.unlabelled,
        n_clusters=len(set(clusters.tolist())),
        design_effect=1.0,
        n_swapped=len(swapped),
        n_flipped=sum(bool(row.is_flipped) for row in swapped),
        tables=tuple(_arm_table(arm, parts, place) for arm in arms),
    )
    return counts.model_copy(
        update={"design_effect": _design_effect(counts, parts, place, clusters)}
    )


def _arm_table(arm: str, parts: _Sorted, place: dict[str, int]) -> ArmTable:
    of_arm = [(row, said) for row, said in parts.scored if (row.arm or ONE_ARM) == arm]
    people = np.array([place[said] for _, said in of_arm], dtype=np.int64)
    judge = np.array([place[row.judge or ""] for row, _ in of_arm], dtype=np.int64)
    table = cross_table(people, judge, len(place)).tolist()
    return ArmTable(arm=arm, table=tuple(tuple(row) for row in table))


def _clusters(parts: _Sorted) -> NDArray[np.int64]:
    """Number what belongs together: a named cluster, or else the item, which both arms share."""
    names = [
        ("cluster", row.cluster) if row.cluster else ("item", row.item) for row, _ in parts.scored
    ]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([numbers[name] for name in names], dtype=np.int64)


def _design_effect(
    counts: LabelCounts,
    parts: _Sorted,
    place: dict[str, int],
    clusters: NDArray[np.int64],
) -> float:
    """How much what belongs together raises the variance of the kappa that decides."""
    pairs = [(place[said], place[row.judge or ""]) for row, said in parts.scored]
    people, judge = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    if counts.positive:
        passes = np.array([label in counts.positive for label in counts.labels], dtype=np.int64)
        people, judge = passes[people], passes[judge]
    table = cross_table(people, judge, 2 if counts.positive else len(place))
    if counts.n_clusters == counts.n_scored or np.count_nonzero(table) < 2:
        return 1.0
    return design_effect(kappa_influence(table, kappa_weights(counts))[people, judge], clusters)


def _check_people(rows: Sequence[LabelledRow], labels: tuple[str, ...], source: str) -> None:
    mistakes = [
        Mistake(source, row.line, "human", f"{label!r} is no label; expected {', '.join(labels)}")
        for row in rows
        for label in row.human
        if label not in labels
    ]
    arms = sorted({row.arm for row in rows if row.arm})
    if len(arms) > MOST_ARMS:
        problem = (
            f"{len(arms)} arms ({', '.join(arms[:5])}); expected previous and candidate, or none"
        )
        mistakes.append(Mistake(source, 0, "arm", problem))
    if mistakes:
        raise DocumentError(mistakes)


def _arm_order(arm: str) -> tuple[bool, str]:
    return arm != "previous", arm
