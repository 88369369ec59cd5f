"""The check that people approve: a consensus on exactly this reply, where it may decide, and nothing else."""

import pytest
from pydantic import ValidationError

from hitl.decisions.redaction.redact import Redactor
from hitl.digest import digest
from hitl.golden.case import Case, Severity
from hitl.golden.expectation import Approval, ReviewRule, TextRule
from hitl.manifest.gate_class import Authority
from hitl.review.candidate import case_digest, reply_digest
from hitl.review.votes import RatedItem, RatedVote, Ratings
from hitl.review.words import (
    Action,
    ConsensusMethod,
    ErrorCategory,
    Mode,
    Role,
    Scope,
)
from hitl.run.arm import Arm
from hitl.run.reply import Reply, StoredGrade, ToolCall
from hitl.score.expect.review import NO_REVIEW, ReviewCheck
from hitl.score.finding import Mark, ReplyGrade
from hitl.score.grade import grade_reply
from hitl.score.rated import ABSENT, OTHER_CASE, OTHER_REPLY, TWICE, PeopleRatings, RatedView
from hitl.score.ratings import people_ratings, votes_in_words
from hitl.score.stored import keep_reply
from hitl.score.suite import Suite
from tests.builders import CANDIDATE, PREVIOUS, a_case, a_golden_set, a_manifest, a_suite
from tests.review.by_hand import RULES

CASE = a_case("c1", input="Is it up?", context=["the log"])
REPLY = Reply(case_id="c1", text="Yes.")
OTHER = Reply(case_id="c1", text="No.")


def vote(action: str, name: str = "a", category: str | None = None, **fields: object) -> RatedVote:
    """Return one vote on both arms."""
    kinds = dict.fromkeys(Arm, ErrorCategory(category)) if category else {}
    actions = dict.fromkeys(Arm, Action(action))
    return RatedVote(reviewer=name, role=Role.RATER, actions=actions, preference=None, categories=kinds, **fields)  # fmt: skip


def an_item(*votes: RatedVote, consensus: str | None = "approve", **fields: object) -> RatedItem:
    """Return an item of CASE with the previous reply OTHER and the candidate's REPLY."""
    agreed = {} if consensus is None else dict.fromkeys(Arm, Action(consensus))
    return RatedItem.model_validate(
        {
            "item_id": "aa",
            "case_id": "c1",
            "subset": "main",
            "cluster": "c1",
            "repeat": 0,
            "case_digest": case_digest(CASE),
            "severity": Severity.MEDIUM,
            "probability": 1.0,
            "scopes": (Scope.JUDGED,),
            "replies": {Arm.PREVIOUS: reply_digest(OTHER), Arm.CANDIDATE: reply_digest(REPLY)},
            "is_identical": False,
            "votes": votes or (vote("approve"), vote("approve", "b"), vote("approve", "c")),
            "consensus": agreed,
            "outcome": None,
        }
        | fields
    )


def some_ratings(*items: RatedItem, **fields: object) -> Ratings:
    return Ratings.model_validate(
        {
            "review_id": "ab",
            "release_id": "made-up",
            "workflow_id": "workflow",
            "previous_model": PREVIOUS,
            "candidate_model": CANDIDATE,
            "mode": Mode.PAIR,
            "raters": 3,
            "consensus_method": ConsensusMethod.MAJORITY,
            "blindness": RULES.blindness,
            "sample": RULES.sample,
            "population": {"main": 1},
            "rules_digest": "aa",
            "key_digest": "aa",
            "locked_at": None,
            "is_partial": False,
            "reviewers": (),
            "items": items or (an_item(),),
            "agreement": (),
            "least_agreement": 0.4,
            "problems": (),
            "preferences": None,
            "rates": {},
            "adjudication": (),
        }
        | fields
    )


def suite_of(case: Case = CASE) -> Suite:
    return a_suite(a_golden_set({"main": [case]}))


def people(ratings: Ratings, authority: Authority = Authority.BLOCK) -> PeopleRatings:
    classes = [
        {"subset": "main", "authority": authority},
        {"subset": "other", "authority": "block"},
    ]
    required = ["other"] if authority is Authority.SIGNAL else ["main"]
    return people_ratings("review", ratings, suite_of(), a_manifest(classes, required))


def view(ratings: Ratings, arm: Arm = Arm.CANDIDATE, authority: Authority = Authority.BLOCK) -> RatedView:  # fmt: skip
    return people(ratings, authority).view(arm, "main")


def grade(rated: RatedView | None, reply: Reply = REPLY, case: Case = CASE) -> ReplyGrade:
    return grade_reply((ReviewCheck(),), reply, case, rated=rated)


def saw(found: ReplyGrade) -> str:
    (finding,) = found.findings
    return finding.saw


def test_an_approval_of_exactly_this_reply_passes() -> None:
    found = grade(view(some_ratings()))
    assert (found.mark, found.is_rated, found.findings) == (Mark.PASS, True, ())


@pytest.mark.parametrize("action", ["modify", "reject", "escalate"])
def test_any_other_consensus_fails_and_says_how_the_votes_fell(action: str) -> None:
    item = an_item(vote(action, "a", "wrong"), vote(action, "b", "unsafe"), vote("approve", "c"), consensus=action)  # fmt: skip
    found = grade(view(some_ratings(item)))
    assert (found.mark, found.is_rated) == (Mark.FAIL, True)
    assert saw(found) == f"people: {action}, 2 of 3: unsafe, wrong"


@pytest.mark.parametrize(
    ("ratings", "reply", "case", "why"),
    [
        (some_ratings(), OTHER, CASE, OTHER_REPLY),
        (some_ratings(), REPLY.model_copy(update={"text": "Yes. "}), CASE, OTHER_REPLY),
        (some_ratings(), REPLY.model_copy(update={"tool_calls": (ToolCall(name="rm"),)}), CASE, OTHER_REPLY),
        (some_ratings(), REPLY, a_case("c1", input="Is it down?", context=["the log"]), OTHER_CASE),
        (some_ratings(), REPLY, a_case("c1", input="Is it up?", context=["another"]), OTHER_CASE),
        (some_ratings(), REPLY.model_copy(update={"repeat": 1}), CASE, ABSENT),
        (some_ratings(an_item(case_id="c2")), REPLY, CASE, ABSENT),
        (some_ratings(an_item(), an_item(item_id="bb")), REPLY, CASE, TWICE),
        (some_ratings(an_item(consensus=None)), REPLY, CASE, "people: undecided, 3 approve; let an adjudicator decide"),
    ],
)  # fmt: skip
def test_anything_else_than_a_consensus_on_this_reply_to_this_case_is_not_measured(
    ratings: Ratings, reply: Reply, case: Case, why: str
) -> None:
    found = grade(view(ratings), reply, case)
    assert (found.mark, found.is_rated, saw(found)) == (Mark.UNMEASURED, False, why)


def test_the_rating_of_one_arm_is_not_that_of_the_other() -> None:
    assert saw(grade(view(some_ratings(), Arm.PREVIOUS))) == OTHER_REPLY
    assert grade(view(some_ratings(), Arm.PREVIOUS), OTHER).mark is Mark.PASS


def test_without_a_review_nothing_in_the_reply_stands_for_one() -> None:
    labels = {"review": "approve", "people": True, "approved": True}
    claimed = Reply(case_id="c1", text="approve", labels=labels)
    assert saw(grade(None, claimed)) == NO_REVIEW


def test_labels_alone_and_a_failed_call_are_not_measured_and_an_empty_reply_fails() -> None:
    rated = view(some_ratings())
    assert grade(rated, Reply(case_id="c1", labels={"passed": True})).mark is Mark.UNMEASURED
    assert grade(rated, Reply(case_id="c1", text="Yes.", error="timed out")).mark is Mark.UNMEASURED
    assert grade(rated, Reply(case_id="c1", text=" ")).mark is Mark.FAIL


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"problems": ("raters agree too little",)}, "raters agree too little"),
        ({"is_partial": True}, "votes that were owed are missing"),
    ],
)
def test_ratings_without_authority_settle_nothing_but_a_signal(
    changes: dict[str, object], why: str
) -> None:
    ratings = some_ratings(**changes)
    found = grade(view(ratings))
    assert found.mark is Mark.UNMEASURED
    assert why in saw(found)
    for other in (Authority.CONDITIONAL, Authority.ROLLBACK_TRIGGER):
        assert grade(view(ratings, authority=other)).mark is Mark.UNMEASURED
    assert grade(view(ratings, authority=Authority.SIGNAL)).mark is Mark.PASS


@pytest.mark.parametrize(
    "changes",
    [
        {"previous_model": CANDIDATE, "candidate_model": PREVIOUS},
        {"candidate_model": "model-2026-06-01"},
        {"previous_model": "model-2026-04-01"},
        {"workflow_id": "another"},
    ],
)
def test_ratings_of_other_models_count_for_nothing_even_as_a_signal(
    changes: dict[str, object],
) -> None:
    ratings = some_ratings(**changes)
    found = people(ratings)
    assert (found.code, dict(found.replies)) == ("ratings_of_other_models", {})
    for authority in (Authority.BLOCK, Authority.SIGNAL):
        told = grade(view(ratings, authority=authority))
        assert told.mark is Mark.UNMEASURED
        assert saw(told).startswith("the review is of something else: ")


def test_a_subset_that_nobody_decided_about_gives_ratings_no_power() -> None:
    strange = RatedView(people(some_ratings()), Arm.CANDIDATE, None)
    assert grade(strange).mark is Mark.UNMEASURED


def test_a_redacted_reply_keeps_the_grade_that_rules_gave_it_and_people_come_on_top() -> None:
    reply = REPLY.model_copy(update={"redacted": {"email": 1}})

    def graded(mark: str, *findings: tuple[str, str, str]) -> Reply:
        stored = StoredGrade(checks="d", mark=mark, findings=findings)
        return reply.model_copy(update={"graded": stored})

    def marked(reply: Reply, rated: RatedView | None) -> Mark:
        return grade_reply((ReviewCheck(),), reply, CASE, None, "d", rated).mark

    approved = view(some_ratings())
    refused = view(some_ratings(an_item(consensus="reject")))
    assert marked(graded("pass"), None) is Mark.UNMEASURED
    assert marked(graded("pass"), approved) is Mark.PASS
    assert marked(graded("pass"), refused) is Mark.FAIL
    assert marked(graded("fail", ("no address", "fail", "an address")), approved) is Mark.FAIL
    assert marked(reply, approved) is Mark.UNMEASURED  # no grade was stored
    assert grade_reply((ReviewCheck(),), graded("pass"), CASE, None, "e", approved).mark is Mark.UNMEASURED  # fmt: skip


@pytest.mark.parametrize(
    ("votes", "consensus", "words"),
    [
        ((vote("approve"), vote("reject", "b"), vote("escalate", "c")), None, "people: undecided, 1 approve : 1 reject : 1 escalate; let an adjudicator decide"),
        ((vote("approve"), vote("reject", "b")), None, "people: undecided, 1 approve : 1 reject, 1 missing; let an adjudicator decide"),
        ((vote("approve"), vote("approve", "b", counts=False)), None, "people: undecided, 1 of 3 votes count (1 approve)"),
        ((vote("approve", counts=False),), None, "people: undecided, 0 of 3 votes count"),
        ((vote("approve"), vote("approve", "b"), vote("reject", "c", "wrong")), "approve", "people: approve, 2 of 3"),
    ],
)  # fmt: skip
def test_how_votes_fell_is_said_in_words_of_closed_sets(
    votes: tuple[RatedVote, ...], consensus: str | None, words: str
) -> None:
    assert votes_in_words(an_item(*votes, consensus=consensus), Arm.CANDIDATE, 3) == words


def test_an_adjudicator_is_named_where_they_decided() -> None:
    ruling = vote("reject", "f", "unsafe").model_copy(update={"role": Role.ADJUDICATOR})
    item = an_item(vote("approve"), vote("reject", "b", "wrong"), ruling, consensus="reject", is_adjudicated=True)  # fmt: skip
    assert votes_in_words(item, Arm.CANDIDATE, 2) == "people: reject, decided by an adjudicator: unsafe"  # fmt: skip


def test_nothing_that_a_reviewer_typed_gets_into_a_finding() -> None:
    said = {"reason": "mail ana@example.com \x1b[2J", "right_answers": {Arm.CANDIDATE: "<script>"}}
    item = an_item(*(vote("reject", name, "wrong", **said) for name in "abc"), consensus="reject")
    assert saw(grade(view(some_ratings(item)))) == "people: reject, 3 of 3: wrong"


def test_the_digests_are_of_text_and_tools_and_of_input_and_evidence() -> None:
    """Hand-made once, so that ratings of today are still found tomorrow."""
    assert reply_digest(REPLY) == digest({"text": "Yes.", "tool_calls": []})
    assert case_digest(CASE) == digest({"context": ["the log"], "input": "Is it up?"})


def test_a_live_reply_is_stored_with_the_grade_of_rules_alone() -> None:
    """What people say comes later: it is no part of the grade that redaction keeps."""
    rules = (TextRule(must_not_include=("@",)), ReviewRule(review=Approval.APPROVE))
    for expected, mark in ((rules, "fail"), (rules[1:], "pass")):
        suite = a_suite(a_golden_set({"main": [CASE]}, expected))
        kept = keep_reply(suite, Redactor(), Reply(case_id="c1", text="Ask ana@example.com."))
        assert kept.redacted == {"email": 1}
        assert kept.graded is not None
        assert kept.graded.mark == mark


def test_the_rule_is_known_by_its_key_and_takes_nothing_but_approve() -> None:
    assert a_case("c1", expect=[{"review": "approve"}]).expect == (
        ReviewRule(review=Approval.APPROVE),
    )
    for wrong in ("reject", True, None, "", ["approve"]):
        with pytest.raises(ValidationError):
            a_case("c1", expect=[{"review": wrong}])
    with pytest.raises(ValidationError, match="judge, review, python"):
        a_case("c1", expect=[{"people": "approve"}])
