"""What one arm's replies amount to: one row a reply, in columns, and the few texts that people will read."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hitl.decisions.redaction.redact import Redactor
from hitl.document.schema import LARGEST_AMOUNT
from hitl.run.reply import Reply
from hitl.score.expect.step import StepReader
from hitl.score.finding import Mark, ReplyGrade
from hitl.score.grade import grade_reply
from hitl.score.judged import JudgedView
from hitl.score.parse import read_json
from hitl.score.rated import RatedView
from hitl.score.stored import clean_findings, take_out
from hitl.score.style import FEATURES, Style, StyleReader
from hitl.score.suite import Suite

MEASURES = ("latency_ms", "cost_usd", "output_tokens", "input_tokens", "output_chars")
"""Measures that every reply may have, beside its numeric labels."""

EXCERPT = 1000
"""Characters of a reply that a record keeps."""

_CODE = {Mark.PASS: 1, Mark.FAIL: 0, Mark.UNMEASURED: -1}


@dataclass(frozen=True, slots=True)
class KeptReply:
    """A reply that people may want to read."""

    repeat: int
    mark: Mark
    text: str
    cut: int
    """Characters left out."""
    rules: tuple[str, ...]
    """Rules that it did not meet."""
    saw: tuple[str, ...]
    """What was there instead, one for each rule."""
    redactions: Mapping[str, int] = field(default_factory=dict)
    """Pieces that were taken out of the reply, by kind, here or before it was stored."""


@dataclass(frozen=True, slots=True)
class ArmScores:
    """All replies of one arm, graded: rows in the order of (case, repeat)."""

    case: NDArray[np.int64]
    """Position of the case in the suite."""
    mark: NDArray[np.int8]
    """1 pass, 0 fail, -1 unmeasured."""
    measures: dict[str, NDArray[np.float64]]
    """Value of each measure; NaN where the reply does not say. Never used before `isnan` is asked."""
    tiers: tuple[str, ...]
    """How each reply was read as JSON; empty where nothing asked."""
    outcomes: tuple[str, ...]
    kept: dict[int, tuple[KeptReply, ...]]
    """Replies kept for reading, by case."""
    declared: dict[str, int]
    """Replies by the model that was asked; those that do not say are left out."""
    resolved: dict[str, int]
    """Replies by the model that says it answered."""
    n_errors: int
    control: dict[str, dict[int, str]]
    """JSON text of each control-plane field in the first reply to a case, by field and case."""
    unknown: tuple[str, ...]
    """Case ids that the golden set does not have."""
    repeated: tuple[tuple[str, int], ...]
    """(case id, repeat) that stand more than once."""
    most_repeats: int
    """Replies that the arm owes each case: as many as any of its cases got, gaps in their numbers included."""
    n_judged: int = 0
    """Replies that a judge was asked about."""
    n_settled_by_judge: int = 0
    """Those of them that its answer settled."""
    n_settled_by_people: int = 0
    """Replies that people's ratings settled, after rules and judge."""
    rated: dict[str, dict[str, int]] = field(default_factory=dict)
    """Replies by what the review has to say of them, by subset; empty where the release names none."""
    style: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    """How each reply is written, by style feature; NaN where the reply does not say."""

    @property
    def n_replies(self) -> int:
        """Replies to cases of the suite."""
        return len(self.mark)


@dataclass(slots=True)
class _Columns:
    redactor: Redactor
    case: list[int] = field(default_factory=list)
    repeat: list[int] = field(default_factory=list)
    mark: list[int] = field(default_factory=list)
    tiers: list[str] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    style: list[Style] = field(default_factory=list)
    measures: dict[str, dict[int, float]] = field(
        default_factory=lambda: {name: {} for name in MEASURES}
    )
    kept: dict[int, list[KeptReply]] = field(default_factory=dict)
    declared: Counter[str] = field(default_factory=Counter)
    resolved: Counter[str] = field(default_factory=Counter)
    unknown: set[str] = field(default_factory=set)
    repeated: set[tuple[str, int]] = field(default_factory=set)
    control: dict[str, dict[int, str]] = field(default_factory=dict)
    n_errors: int = 0
    n_judged: int = 0
    n_settled_by_judge: int = 0
    n_settled_by_people: int = 0
    rated: dict[str, Counter[str]] = field(default_factory=dict)


def grade_arm(
    suite: Suite,
    replies: Iterable[Reply],
    keep: frozenset[int] = frozenset(),
    judged: Mapping[str, JudgedView] | None = None,
    redactor: Redactor | None = None,
    rated: Mapping[str, RatedView] | None = None,
) -> ArmScores:
    """Grade every reply of an arm.

    Args:
        suite: cases and checks.
        replies: in any order; read once.
        keep: cases whose replies are kept for reading even if they pass.
        judged: what judges found in this arm, by subset; None: no judge has run.
        redactor: what is taken out of the texts that are kept; the built-in kinds if not given.
        rated: what people found in this arm, by subset; None: the release names no review.
    """
    columns = _Columns(redactor or Redactor())
    reader = StyleReader(StepReader(suite.posture))
    seen: set[tuple[int, int]] = set()
    for reply in replies:
        position = suite.index.get(reply.case_id)
        if position is None:
            columns.unknown.add(reply.case_id)
        elif (position, reply.repeat) in seen:
            columns.repeated.add((reply.case_id, reply.repeat))
        else:
            seen.add((position, reply.repeat))
            case, subset = suite.cases[position], suite.subset_of(position)
            view = judged[subset] if judged else None
            people = rated[subset] if rated else None
            digest = suite.checks_digest(position) if reply.redacted else ""
            grade = grade_reply(suite.checks[position], reply, case, view, digest, people)
            if people is not None:
                standing = people.look(reply, case).standing
                columns.rated.setdefault(subset, Counter())[standing.value] += 1
            columns.style.append(reader.read(reply, grade))
            _add(
                columns,
                position,
                reply,
                grade,
                is_kept=position in keep or grade.mark is not Mark.PASS,
            )
            if reply.repeat == 0:
                _note_control(columns, suite, position, reply)
    return _sorted(columns)


def _note_control(columns: _Columns, suite: Suite, position: int, reply: Reply) -> None:
    """Remember what the model said in fields that drive routing or escalation.

    Two addresses that were redacted before they were stored look the same here; the note that
    reads this counts differences and decides nothing.
    """
    fields = suite.control_fields(position)
    value = read_json(reply.text).value if fields and reply.text else None
    if isinstance(value, dict):
        for name in fields:
            if name in value:
                columns.control.setdefault(name, {})[position] = json.dumps(
                    value[name], sort_keys=True
                )[:200]


def _add(
    columns: _Columns, position: int, reply: Reply, grade: ReplyGrade, *, is_kept: bool
) -> None:
    row = len(columns.case)
    columns.case.append(position)
    columns.repeat.append(reply.repeat)
    columns.mark.append(_CODE[grade.mark])
    columns.tiers.append(grade.tier)
    columns.outcomes.append(grade.outcome)
    columns.n_errors += reply.is_error
    columns.n_judged += grade.is_judged
    is_by_judge = grade.is_judged and not grade.is_rated
    columns.n_settled_by_judge += is_by_judge and grade.mark is not Mark.UNMEASURED
    columns.n_settled_by_people += grade.is_rated
    if reply.declared_model is not None:
        columns.declared[reply.declared_model] += 1
    if reply.resolved_model is not None and not reply.is_error:
        columns.resolved[reply.resolved_model] += 1
    for name, value in _measured(reply):
        columns.measures.setdefault(name, {})[row] = value
    if is_kept:
        columns.kept.setdefault(position, []).append(_keep(columns.redactor, reply, grade))


def _measured(reply: Reply) -> Iterable[tuple[str, float]]:
    if reply.is_error:
        return  # a failed call's time and cost say nothing of an answer's
    for name in MEASURES[:-1]:
        if (value := getattr(reply, name)) is not None:
            yield name, float(value)
    if (
        reply.text is not None
    ):  # of a redacted reply, with its placeholders: off by a few characters
        yield "output_chars", float(len(reply.text))
    for name, label in (reply.labels or {}).items():
        if (
            isinstance(label, bool | int | float)
            and name not in MEASURES
            and abs(label) <= LARGEST_AMOUNT
        ):
            yield name, float(label)


def _keep(redactor: Redactor, reply: Reply, grade: ReplyGrade) -> KeptReply:
    """Redact, then cut: half an address at the cut could not be told from a word."""
    reply, pieces = take_out(redactor, reply)
    findings = clean_findings(redactor, grade, pieces)
    text = reply.text if reply.text is not None else _text_of_tools(reply)
    return KeptReply(
        repeat=reply.repeat,
        mark=grade.mark,
        text=text[:EXCERPT],
        cut=max(0, len(text) - EXCERPT),
        rules=tuple(rule for rule, _, _ in findings),
        saw=tuple(saw for _, _, saw in findings),
        redactions=reply.redacted or {},
    )


def _text_of_tools(reply: Reply) -> str:
    calls = ", ".join(
        f"{call.name}({str(call.arguments)[:200]})" for call in (reply.tool_calls or ())[:20]
    )
    return f"[calls {calls}]" if calls else ""


def _sorted(columns: _Columns) -> ArmScores:
    case = np.asarray(columns.case, dtype=np.int64)
    order = np.lexsort((np.asarray(columns.repeat, dtype=np.int64), case))
    return ArmScores(
        case=case[order],
        mark=np.asarray(columns.mark, dtype=np.int8)[order],
        measures={
            name: _column(values, order) for name, values in sorted(columns.measures.items())
        },
        tiers=tuple(columns.tiers[row] for row in order),
        outcomes=tuple(columns.outcomes[row] for row in order),
        kept={
            position: tuple(sorted(kept, key=lambda reply: reply.repeat))
            for position, kept in sorted(columns.kept.items())
        },
        declared=dict(sorted(columns.declared.items())),
        resolved=dict(sorted(columns.resolved.items())),
        n_errors=columns.n_errors,
        control=dict(sorted(columns.control.items())),
        unknown=tuple(sorted(columns.unknown)),
        repeated=tuple(sorted(columns.repeated)),
        most_repeats=_owed(columns),
        n_judged=columns.n_judged,
        n_settled_by_judge=columns.n_settled_by_judge,
        n_settled_by_people=columns.n_settled_by_people,
        rated={name: dict(sorted(found.items())) for name, found in sorted(columns.rated.items())},
        style=_styles(columns.style, order),
    )


def _styles(rows: list[Style], order: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    table = np.asarray(rows, dtype=np.float64).reshape(len(rows), len(FEATURES))[order]
    return {feature.value: table[:, at] for at, feature in enumerate(FEATURES)}


def _owed(columns: _Columns) -> int:
    """Count the replies that each case should have: a missing number is a missing reply."""
    if not columns.case:
        return 1
    most = int(np.bincount(columns.case).max())
    return max(most, max(columns.repeat) - min(columns.repeat) + 1)


def _column(values: dict[int, float], order: NDArray[np.int64]) -> NDArray[np.float64]:
    column = np.full(len(order), np.nan)
    column[list(values.keys())] = list(values.values())
    return column[order]
