"""Replies as they are kept: judged as they came, stored without personal data and keys."""

from collections import Counter

from hitl.decisions.redaction.redact import Redactor, count_pieces
from hitl.run.reply import Reply, StoredGrade, ToolCall
from hitl.score.expect.beside import by_rule
from hitl.score.finding import Mark, ReplyGrade
from hitl.score.grade import grade_reply
from hitl.score.suite import Suite

Pieces = tuple[tuple[str, str], ...]
"""(kind, text) of what was taken out."""


def keep_reply(suite: Suite, redactor: Redactor, reply: Reply, *, raw: bool = False) -> Reply:
    """Return the reply to store, with the grade that it got as it came where redaction changed it.

    What judges and people say is not part of that grade: they are asked later, about what is stored.

    Args:
        suite: cases and checks.
        redactor: what is taken out.
        reply: as it came.
        raw: whether to store it as it came (`store_raw`).
    """
    if raw:
        return reply
    kept, pieces = take_out(redactor, reply)
    position = suite.index.get(reply.case_id)
    if kept is reply or position is None or reply.redacted:
        return kept  # what was redacted before has its grade, or can have none
    grade = _grade_by_rules(suite, position, reply)
    stored = StoredGrade(
        checks=suite.checks_digest(position),
        mark=grade.mark.value,
        findings=clean_findings(redactor, grade, pieces),
        tier=grade.tier,
        outcome=grade.outcome,
    )
    return kept.model_copy(update={"graded": stored})


def _grade_by_rules(suite: Suite, position: int, reply: Reply) -> ReplyGrade:
    checks = suite.checks[position]
    rules = by_rule(checks)
    if checks and not rules and not reply.is_error:
        return ReplyGrade(
            Mark.PASS, (), "", ""
        )  # nothing but judges and people, who are yet to be asked
    return grade_reply(rules, reply, suite.cases[position])


def take_out(redactor: Redactor, reply: Reply) -> tuple[Reply, Pieces]:
    """Return a reply without what was found in it, and the pieces; itself and none if nothing was."""
    pieces: list[tuple[str, str]] = []
    changed: dict[str, object] = {
        "text": _text(redactor, reply.text, pieces),
        "error": _text(redactor, reply.error, pieces),
        "tool_calls": _calls(redactor, reply, pieces),
        "labels": _labels(redactor, reply, pieces),
        "action_type": _text(redactor, reply.action_type, pieces),
        "resolved_model": _answered_by(redactor, reply, pieces),
    }
    if not pieces:
        return reply, ()
    counts = Counter(reply.redacted or {}) + Counter(count_pieces(pieces))
    changed["redacted"] = dict(sorted(counts.items()))
    told = {name: value for name, value in changed.items() if value is not None}
    return reply.model_copy(update=told), tuple(pieces)


def clean_findings(
    redactor: Redactor, grade: ReplyGrade, pieces: Pieces
) -> tuple[tuple[str, str, str], ...]:
    """Return (rule, mark, what was seen) of each finding; what it quotes of a reply is redacted with it."""
    return tuple(
        (finding.rule, finding.mark.value, redactor.redact_quote(finding.saw, pieces))
        for finding in grade.findings
    )


def _text(redactor: Redactor, text: str | None, pieces: list[tuple[str, str]]) -> str | None:
    if text is None:
        return None
    found = redactor.redact(text)
    pieces += found.pieces
    return found.text


def _answered_by(redactor: Redactor, reply: Reply, pieces: list[tuple[str, str]]) -> str | None:
    """Redact what the server calls its model; the name that the manifest gives it is nobody's secret."""
    if reply.resolved_model == reply.declared_model:
        return reply.resolved_model
    return _text(redactor, reply.resolved_model, pieces)


def _calls(
    redactor: Redactor, reply: Reply, pieces: list[tuple[str, str]]
) -> tuple[ToolCall, ...] | None:
    if reply.tool_calls is None:
        return None
    clean = []
    for call in reply.tool_calls:
        name, arguments = redactor.redact(call.name), redactor.redact_json(call.arguments)
        pieces += (*name.pieces, *arguments.pieces)
        clean.append(ToolCall(name=name.text, arguments=arguments.value))
    return tuple(clean)


def _labels(
    redactor: Redactor, reply: Reply, pieces: list[tuple[str, str]]
) -> dict[str, object] | None:
    """Redact what graders wrote; their numbers are measures and stay."""
    if reply.labels is None:
        return None
    clean: dict[str, object] = dict(reply.labels)
    for name, label in reply.labels.items():
        if isinstance(label, str | list | dict):
            found = redactor.redact_json(label)
            pieces += found.pieces
            clean[name] = found.value
    return clean
