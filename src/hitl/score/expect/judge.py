"""What a model judge said of a reply, where it was asked and has authority.

Its answers come through `Answer.judged` alone: no label, stored grade or text of a reply stands in for them.
"""

from collections import Counter
from collections.abc import Mapping
from typing import assert_never

from hitl.golden.expectation import JudgeRule
from hitl.golden.golden_set import Rubric
from hitl.score.answer import Answer
from hitl.score.expect.check import Verdicts
from hitl.score.finding import Finding
from hitl.score.judged import JudgeAuthority, JudgedView, PairGrade, PairOutcome, Question

NO_JUDGE = "no judge has graded this reply; name a judge model in the release manifest"
NOT_ASKED = "the judge was not asked: another rule settled this reply, or nothing stands against it"


class JudgeCheck:
    """A compiled `JudgeRule`.

    Raises:
        ValueError: the golden set has no such rubric, or its scale does not reach the grade.
    """

    def __init__(self, rule: JudgeRule, rubrics: Mapping[str, Rubric]) -> None:
        if rule.judge not in rubrics:
            known = ", ".join(sorted(rubrics)) or "none is defined; add it under `rubrics`"
            raise ValueError(f"no rubric {rule.judge!r}; expected one of: {known}")
        highest = rubrics[rule.judge].scale[1]
        if rule.at_least is not None and rule.at_least > highest:
            raise ValueError(
                f"asks for a grade of at least {rule.at_least:g}, and rubric {rule.judge!r} ends at {highest}; no reply could pass"
            )
        self.question = Question(rule.judge, rule.pairwise)
        self.at_least = rule.at_least
        words = (
            f"judge {rule.judge} does not prefer the other arm's reply in both orders"
            if rule.at_least is None
            else f"judge {rule.judge} gives at least {rule.at_least:g}"
        )
        self._verdicts = Verdicts(words)
        self.rule = self._verdicts.rule

    def __call__(self, answer: Answer) -> Finding:
        """Look up what the judge said."""
        nothing = None if answer.tool_calls else self._verdicts.without_text(answer)
        if nothing is not None:
            return nothing
        if answer.judged is None:
            return self._verdicts.unmeasured(NO_JUDGE)
        if self.at_least is None:
            return self._compared(answer, answer.judged)
        return self._graded(answer, answer.judged, self.at_least)

    def _graded(self, answer: Answer, view: JudgedView, at_least: float) -> Finding:
        grade = view.grade(self.question.rubric, answer.reply.case_id, answer.reply.repeat)
        if grade is None:
            return self._verdicts.unmeasured(NOT_ASKED)
        answer.asked_judge = True
        if grade.mean is None:
            return self._unscored(grade.unscored, grade.n_repeats)
        said = f"gave {grade.mean:.4g} (needs {at_least:g})"
        if (powerless := self._powerless(view, said)) is not None:
            return powerless
        if grade.mean >= at_least:
            return self._verdicts.passed
        return self._verdicts.failed(f"{said}: {grade.reasons}")

    def _compared(self, answer: Answer, view: JudgedView) -> Finding:
        pair = view.pair(self.question.rubric, answer.reply.case_id, answer.reply.repeat)
        if pair is None:
            return self._verdicts.unmeasured(NOT_ASKED)
        answer.asked_judge = pair.is_asked
        if pair.outcome is None:
            return self._unscored(pair.unscored, pair.n_repeats)
        said = _said(pair)
        if pair.is_asked and (powerless := self._powerless(view, said)) is not None:
            return powerless
        return self._verdicts.failed(said) if view.is_loss(pair) else self._verdicts.passed

    def _unscored(self, reasons: tuple[str, ...], n_repeats: int) -> Finding:
        counts = ", ".join(f"{count} {name}" for name, count in sorted(Counter(reasons).items()))
        return self._verdicts.unmeasured(
            f"the judge left {len(reasons)} of {n_repeats} answers unscored: {counts}"
        )

    def _powerless(self, view: JudgedView, said: str) -> Finding | None:
        authority = view.authority(self.question)
        if authority is not None and authority.counts:
            return None
        why = _lack(authority)
        return self._verdicts.unmeasured(
            f"the judge {said} but has no authority here: {why}; signal only"
        )


def _lack(authority: JudgeAuthority | None) -> str:
    if authority is None:
        return "nobody gave it any"
    return authority.problems[0]


def _said(pair: PairGrade) -> str:
    match pair.outcome:
        case PairOutcome.WIN:
            return "prefers the candidate's reply"
        case PairOutcome.LOSS:
            return "prefers the previous reply"
        case PairOutcome.TIE | None:
            return "prefers neither reply"
        case _:
            assert_never(pair.outcome)
