"""One reply, all its checks."""

from collections.abc import Sequence

from hitl.golden.case import Case
from hitl.run.reply import Reply
from hitl.score.answer import Answer
from hitl.score.expect.check import Check
from hitl.score.expect.say import one_line
from hitl.score.finding import Finding, Mark, ReplyGrade

_NOTHING_EXPECTED = ReplyGrade(
    Mark.UNMEASURED,
    (Finding("has expectations", Mark.UNMEASURED, "nothing is expected of this case"),),
    "",
    "",
)


def grade_reply(checks: Sequence[Check], reply: Reply, case: Case) -> ReplyGrade:
    """Apply every check: one failure fails, else one that is not measured leaves the reply unmeasured.

    A failed call and a case without expectations are not measured. The outcome class is given where a check
    asked for it or a stored grade names it, and the reading tier where a check asked for JSON.
    """
    if reply.is_error:
        saw = one_line(f"the call failed: {reply.error or 'no reason given'}")
        return ReplyGrade(
            Mark.UNMEASURED, (Finding("the model answers", Mark.UNMEASURED, saw),), "", ""
        )
    if not checks:
        return _NOTHING_EXPECTED
    answer = Answer(reply, case)
    findings = tuple(
        finding for check in checks if (finding := check(answer)).mark is not Mark.PASS
    )
    mark = Mark.PASS
    if findings:
        mark = (
            Mark.FAIL if any(finding.mark is Mark.FAIL for finding in findings) else Mark.UNMEASURED
        )
    return ReplyGrade(
        mark, findings, answer.reading.tier.value if answer.asked_json else "", _outcome(answer)
    )


def _outcome(answer: Answer) -> str:
    if answer.asked_outcome or (answer.reply.labels and "outcome" in answer.reply.labels):
        found = answer.outcome.outcome
        return found.value if found is not None else ""
    return ""
