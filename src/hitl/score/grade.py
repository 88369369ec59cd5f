"""One reply, all its checks."""

from collections.abc import Sequence

from hitl.golden.case import Case
from hitl.run.reply import Reply, StoredGrade
from hitl.score.answer import Answer
from hitl.score.expect.beside import is_beside
from hitl.score.expect.check import Check
from hitl.score.expect.review import RULE as APPROVAL
from hitl.score.expect.say import one_line
from hitl.score.finding import Finding, Mark, ReplyGrade
from hitl.score.judged import JudgedView
from hitl.score.rated import RatedView

_NOTHING_EXPECTED = ReplyGrade(
    Mark.UNMEASURED,
    (Finding("has expectations", Mark.UNMEASURED, "nothing is expected of this case"),),
    "",
    "",
)


_OTHER_CHECKS = ReplyGrade(
    Mark.UNMEASURED,
    (
        Finding(
            "the reply is as it came",
            Mark.UNMEASURED,
            "the reply was redacted before it was stored and its grade belongs to other checks; run it again",
        ),
    ),
    "",
    "",
)


def grade_reply(
    checks: Sequence[Check],
    reply: Reply,
    case: Case,
    judged: JudgedView | None = None,
    checks_digest: str = "",
    rated: RatedView | None = None,
) -> ReplyGrade:
    """Apply every check: one failure fails, else one that is not measured leaves the reply unmeasured.

    A failed call and a case without expectations are not measured. The outcome class is given where a check
    asked for it or a stored grade names it, and the reading tier where a check asked for JSON.

    A reply that was redacted is never judged by what is left of it: a rule that forbids an address would hold
    once the address is gone. What rules found in it as it came counts, for the same checks only; judges and
    people, who are asked about what is stored, come on top.

    Args:
        checks: of the case.
        reply: the reply.
        case: what it answers.
        judged: what judges found.
        checks_digest: SHA-256 of the case's checks; needed only where the reply was redacted.
        rated: what people found.
    """
    if reply.is_error:
        saw = one_line(f"the call failed: {reply.error or 'no reason given'}")
        return ReplyGrade(
            Mark.UNMEASURED, (Finding("the model answers", Mark.UNMEASURED, saw),), "", ""
        )
    if not checks:
        return _NOTHING_EXPECTED
    answer = Answer(reply, case, judged, rated)
    if reply.redacted:
        return _grade_redacted(checks, answer, checks_digest) or _OTHER_CHECKS
    findings = tuple(
        finding for check in checks if (finding := check(answer)).mark is not Mark.PASS
    )
    tier = answer.reading.tier.value if answer.asked_json else ""
    return _graded(findings, tier, _outcome(answer), answer)


def _grade_redacted(checks: Sequence[Check], answer: Answer, digest: str) -> ReplyGrade | None:
    """Return the grade of the reply as it came with what judges and people found; None if these checks did not give it."""
    stored = answer.reply.graded
    if stored is None or not digest or stored.checks != digest:
        return None
    if (found := _stored_findings(stored)) is None:
        return None
    later = (check(answer) for check in checks if is_beside(check))
    findings = (*found, *(finding for finding in later if finding.mark is not Mark.PASS))
    return _graded(findings, stored.tier, stored.outcome, answer)


def _graded(findings: tuple[Finding, ...], tier: str, outcome: str, answer: Answer) -> ReplyGrade:
    mark = _together(findings)
    by_others = any(one.mark is Mark.FAIL and one.rule != APPROVAL for one in findings)
    is_rated = answer.asked_people and mark is not Mark.UNMEASURED and not by_others
    return ReplyGrade(mark, findings, tier, outcome, answer.asked_judge, is_rated)


def _stored_findings(stored: StoredGrade) -> tuple[Finding, ...] | None:
    """Return the findings of a stored grade; None unless they are what its mark says."""
    marks = {mark.value for mark in (Mark.FAIL, Mark.UNMEASURED)}
    if any(mark not in marks for _, mark, _ in stored.findings):
        return None
    found = tuple(
        Finding(one_line(rule, 200), Mark(mark), one_line(saw))
        for rule, mark, saw in stored.findings
    )
    return found if stored.mark == _together(found).value else None


def _together(findings: Sequence[Finding]) -> Mark:
    """Return the mark of findings that are not a pass; without any, all passed."""
    if not findings:
        return Mark.PASS
    failed = any(finding.mark is Mark.FAIL for finding in findings)
    return Mark.FAIL if failed else Mark.UNMEASURED


def _outcome(answer: Answer) -> str:
    if answer.asked_outcome or (answer.reply.labels and "outcome" in answer.reply.labels):
        found = answer.outcome.outcome
        return found.value if found is not None else ""
    return ""
