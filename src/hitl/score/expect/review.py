"""What people said of a reply in a blind review, where they were asked and may decide.

Their votes come through `Answer.rated` alone: no label, stored grade or text of a reply stands in for them.
"""

from hitl.review.words import Action
from hitl.score.answer import Answer
from hitl.score.expect.check import Verdicts
from hitl.score.finding import Finding
from hitl.score.rated import RatedView

NO_REVIEW = "the release names no review; run `hitl review pack` and name its folder under `review` in the manifest"
RULE = "people approve it"


class ReviewCheck:
    """A compiled `ReviewRule`: the consensus on exactly this reply is to approve it."""

    def __init__(self) -> None:
        self._verdicts = Verdicts(RULE)
        self.rule = self._verdicts.rule

    def __call__(self, answer: Answer) -> Finding:
        """Look up what people said."""
        nothing = None if answer.tool_calls else self._verdicts.without_text(answer)
        if nothing is not None:
            return nothing
        if answer.rated is None:
            return self._verdicts.unmeasured(NO_REVIEW)
        return self._looked_up(answer, answer.rated)

    def _looked_up(self, answer: Answer, view: RatedView) -> Finding:
        if view.people.unused:
            return self._verdicts.unmeasured(view.people.unused)
        found = view.look(answer.reply, answer.case)
        if found.problem or found.rated is None:
            return self._verdicts.unmeasured(found.problem)
        if powerless := _powerless(view):
            return self._verdicts.unmeasured(f"{found.rated.said}; signal only: {powerless}")
        answer.asked_people = True
        if found.rated.consensus is Action.APPROVE:
            return self._verdicts.passed
        return self._verdicts.failed(found.rated.said)


def _powerless(view: RatedView) -> str:
    """Return why ratings decide nothing here; empty where they do."""
    if view.authority is None:
        return "nobody gave the ratings authority here"
    return "" if view.authority.counts else view.authority.problems[0]
