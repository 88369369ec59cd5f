"""A review beside rules and judges: what each settles, what each subset lets ratings do, and how replies stand to it."""

from collections.abc import Mapping

import pytest

from hitl.golden.expectation import Approval, ReviewRule, TextRule
from hitl.review.candidate import case_digest, reply_digest
from hitl.review.words import Action
from hitl.run.arm import Arm
from hitl.run.reply import Reply
from hitl.score.judge.cascade import cascade
from hitl.score.judged import ReplyKey
from hitl.score.rated import PeopleRatings, RatedReply, RatingAuthority
from hitl.score.release import grade_both
from tests.builders import a_golden_set, a_suite, some_cases

CASES = some_cases(6)
RULES = (TextRule(must_include=("good",)), ReviewRule(review=Approval.APPROVE))
SUITE = a_suite(a_golden_set({"main": CASES}, RULES))
TEXTS = ("bad", "bad", "good", "good", "good", "good")
SAID = (Action.APPROVE, Action.REJECT, Action.APPROVE, Action.MODIFY, None, Action.APPROVE)
"""Rules fail the first two whatever people say; people settle two; one is open, one is of another reply."""


def replies() -> list[Reply]:
    return [Reply(case_id=case.id, text=text) for case, text in zip(CASES, TEXTS, strict=True)]


def people(problems: tuple[str, ...] = (), *, is_signal: bool = False) -> PeopleRatings:
    rated: dict[ReplyKey, RatedReply] = {}
    for reply, case, action in zip(replies(), CASES, SAID, strict=True):
        shown = reply if case is not CASES[5] else Reply(case_id=case.id, text="another")
        for arm in Arm:
            rated[ReplyKey(arm, case.id, 0)] = RatedReply(
                case_digest(case), reply_digest(shown), action, "people: said so"
            )
    authority = RatingAuthority(problems, is_signal)
    return PeopleRatings("review", None, replies=rated, authorities={"main": authority})


def layers(found: PeopleRatings | None) -> Mapping[str, tuple[int, int, int]]:
    arms = grade_both(SUITE, replies(), replies(), people=found)
    return {one.name: (one.n_asked, one.n_settled, one.n_left) for one in cascade(arms, (), (0.5, 2.0))}  # fmt: skip


def test_people_settle_what_rules_leave_and_nothing_twice() -> None:
    """Twelve replies: rules fail four, people settle four of eight, four are left."""
    assert layers(people()) == {"rules": (12, 4, 8), "judge": (0, 0, 0), "person": (8, 4, 4)}


@pytest.mark.parametrize("found", [None, people(("they do not agree",))], ids=["none", "powerless"])
def test_people_without_authority_settle_nothing(found: PeopleRatings | None) -> None:
    assert layers(found) == {"rules": (12, 4, 8), "judge": (0, 0, 0), "person": (8, 0, 8)}


def test_a_signal_takes_what_people_say() -> None:
    assert layers(people(("they do not agree",), is_signal=True))["person"] == (8, 4, 4)


def test_replies_are_counted_by_how_they_stand_to_the_review_whatever_rules_say() -> None:
    before, after = grade_both(SUITE, replies(), replies()[:-1], people=people())
    assert before.rated == {"main": {"settled": 4, "stale": 1, "undecided": 1}}
    assert after.rated == {"main": {"settled": 4, "undecided": 1}}
    assert grade_both(SUITE, replies(), replies())[0].rated == {}


def test_a_failed_call_is_not_the_reply_that_was_rated() -> None:
    failed = [Reply(case_id="c0002", text="good", error="timed out")]
    _, after = grade_both(SUITE, replies(), failed, people=people())
    assert after.rated == {"main": {"stale": 1}}
    assert after.mark.tolist() == [-1]
