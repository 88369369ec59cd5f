"""Replies are judged as they came and stored without personal data; a stored grade stands for its checks only."""

from pathlib import Path

import pytest

from hitl.decisions.redaction.redact import Redactor
from hitl.golden.expectation import FieldRule, JudgeRule, OutcomeClass, SchemaRule, TextRule
from hitl.golden.golden_set import GoldenSet, Rubric, Subset
from hitl.golden.load import GoldenSetFiles, SubsetCases
from hitl.policy.posture import PosturePolicy
from hitl.run.reply import Reply, StoredGrade, ToolCall
from hitl.score.arm import grade_arm
from hitl.score.finding import ReplyGrade
from hitl.score.grade import grade_reply
from hitl.score.stored import keep_reply, take_out
from hitl.score.suite import Suite, build_suite
from tests.builders import a_case

REDACTOR = Redactor()
FORBIDS = TextRule(must_not_include=("john@x.com",))
LEAKY = Reply(case_id="c", text="write to john@x.com")


def a_suite(*expect, posture=None, schemas=None, rubric="Is it kind?", **case) -> Suite:
    cases = (a_case("c", **case),)
    spec = Subset(id="main", cases=cases, expect=expect)
    golden = GoldenSet(
        format="hitl/golden-set/v1", id="g", version="1", workflow_id="w", subsets=(spec,),
        rubrics={"kind": Rubric(version="1", text=rubric)},
    )  # fmt: skip
    files = GoldenSetFiles(golden, (SubsetCases(spec, cases, schemas or {}, None),), ())
    return build_suite(files, posture or PosturePolicy(), Path("set.yaml"))


def judged(suite: Suite, reply: Reply) -> ReplyGrade:
    return grade_reply(suite.checks[0], reply, suite.cases[0], checks_digest=suite.checks_digest(0))


def test_a_reply_that_holds_nothing_is_stored_as_it_is() -> None:
    clean = Reply(case_id="c", text="nothing here")
    assert keep_reply(a_suite(FORBIDS), REDACTOR, clean) is clean


def test_what_a_rule_forbids_fails_though_it_is_gone_from_what_is_stored() -> None:
    suite = a_suite(FORBIDS)
    kept = keep_reply(suite, REDACTOR, LEAKY)
    assert (kept.text, kept.redacted) == ("write to [email]", {"email": 1})
    assert kept.graded is not None
    assert kept.graded.mark == "fail"
    assert judged(suite, kept).mark == judged(suite, LEAKY).mark == "fail"
    assert "john" not in kept.model_dump_json(exclude={"graded": {"findings"}})
    assert all("john" not in saw for _, _, saw in kept.graded.findings)


def test_what_a_rule_asks_for_passes_though_it_is_gone() -> None:
    suite = a_suite(TextRule(must_include=("john@x.com",)))
    kept = keep_reply(suite, REDACTOR, LEAKY)
    assert judged(suite, kept) == judged(suite, LEAKY)
    assert judged(suite, kept).mark == "pass"


def test_a_stored_reply_reads_back_and_is_not_redacted_again() -> None:
    suite = a_suite(FORBIDS)
    kept = keep_reply(suite, REDACTOR, LEAKY)
    back = Reply.model_validate_json(kept.model_dump_json(exclude_unset=True))
    assert back == kept
    assert keep_reply(suite, REDACTOR, back) is back


def test_a_release_may_keep_replies_as_they_came() -> None:
    assert keep_reply(a_suite(FORBIDS), REDACTOR, LEAKY, raw=True) is LEAKY


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(a_suite(TextRule(must_not_include=("jane@x.com",))), id="another rule"),
        pytest.param(a_suite(FORBIDS, outcome=OutcomeClass.REFUSAL), id="an outcome class"),
        pytest.param(a_suite(FORBIDS, expect=({"must_include": ["x"]},)), id="a rule of the case"),
        pytest.param(a_suite(FORBIDS, posture=PosturePolicy(action_words=("go",))), id="posture"),
        pytest.param(a_suite(FORBIDS, input="another question"), id="another input"),
    ],
)
def test_a_grade_of_other_checks_counts_for_nothing(other: Suite) -> None:
    kept = keep_reply(a_suite(FORBIDS), REDACTOR, LEAKY)
    found = judged(other, kept)
    assert found.mark == "unmeasured"
    assert "run it again" in found.findings[0].saw


def test_the_text_of_a_schema_and_of_a_rubric_belong_to_the_checks() -> None:
    named = SchemaRule(json_schema="s.json")
    one, two = (a_suite(named, schemas={"s.json": {"type": kind}}) for kind in ("object", "array"))
    assert one.checks_digest(0) != two.checks_digest(0)
    asks = JudgeRule(judge="kind", at_least=3)
    kind, rude = a_suite(asks), a_suite(asks, rubric="Is it rude?")
    assert kind.checks_digest(0) != rude.checks_digest(0)
    assert kind.checks_digest(0) == a_suite(asks).checks_digest(0)


@pytest.mark.parametrize(
    "graded",
    [
        None,
        {"mark": "pass"},
        {"mark": "fail"},
        {"mark": "great"},
        {"mark": "pass", "findings": (("r", "fail", "s"),)},
        {"mark": "pass", "findings": (("r", "pass", "s"),)},
        {"mark": "fail", "findings": (("r", "unmeasured", "s"),)},
        {"mark": "unmeasured", "findings": (("r", "no mark", "s"),)},
    ],
)
def test_a_stored_grade_whose_parts_disagree_measures_nothing(graded: dict | None) -> None:
    suite = a_suite(FORBIDS)
    checks = "0" * 64 if graded == {"mark": "pass"} else suite.checks_digest(0)
    stored = StoredGrade(checks=checks, **graded) if graded else None
    reply = Reply(case_id="c", text="[email]", redacted={"email": 1}, graded=stored)
    assert judged(suite, reply).mark == "unmeasured"


def test_a_grade_on_a_reply_that_was_not_redacted_is_not_read() -> None:
    suite = a_suite(FORBIDS)
    forged = StoredGrade(checks=suite.checks_digest(0), mark="pass")
    for redacted in (None, {}):
        assert (
            judged(suite, LEAKY.model_copy(update={"graded": forged, "redacted": redacted})).mark
            == "fail"
        )


def test_a_failed_call_stays_a_failed_call() -> None:
    suite = a_suite(FORBIDS)
    kept = keep_reply(suite, REDACTOR, Reply(case_id="c", error="no access for john@x.com"))
    assert kept.error == "no access for [email]"
    assert judged(suite, kept).mark == "unmeasured"
    assert "john" not in kept.model_dump_json()


def test_judges_come_on_top_of_what_rules_found() -> None:
    suite = a_suite(TextRule(must_include=("john@x.com",)), JudgeRule(judge="kind", at_least=3))
    kept = keep_reply(suite, REDACTOR, LEAKY)
    assert kept.graded is not None
    assert kept.graded.mark == "pass"
    found = judged(suite, kept)
    assert (found.mark, len(found.findings)) == ("unmeasured", 1)
    only = a_suite(JudgeRule(judge="kind", at_least=3))
    assert judged(only, keep_reply(only, REDACTOR, LEAKY)).mark == "unmeasured"


def test_a_failed_rule_fails_whatever_judges_lack() -> None:
    suite = a_suite(FORBIDS, JudgeRule(judge="kind", at_least=3))
    assert judged(suite, keep_reply(suite, REDACTOR, LEAKY)).mark == "fail"


def test_a_value_alone_in_what_was_seen_is_redacted_with_its_reply() -> None:
    suite = a_suite(FieldRule(field="password", equals="none"))
    kept = keep_reply(suite, REDACTOR, Reply(case_id="c", text='{"password": "hunter2222"}'))
    assert kept.text == '{"password": "[key]"}'
    assert "hunter" not in kept.model_dump_json()
    assert kept.graded is not None
    assert (kept.graded.mark, kept.graded.tier) == ("fail", "strict")


def test_every_text_of_a_reply_is_redacted_and_its_numbers_are_not() -> None:
    reply = Reply(
        case_id="c", text="a@b.de", error="c@d.de",
        tool_calls=(ToolCall(name="mail", arguments={"to": "e@f.de", "n": 1}),),
        labels={"note": "g@h.de", "stars": 4, "ids": 4111111111111111},
    )  # fmt: skip
    clean, _ = take_out(REDACTOR, reply)
    assert clean.model_dump(exclude_unset=True) == {
        "case_id": "c", "text": "[email]", "error": "[email]",
        "tool_calls": ({"name": "mail", "arguments": {"to": "[email]", "n": 1}},),
        "labels": {"note": "[email]", "stars": 4, "ids": 4111111111111111},
        "redacted": {"email": 4},
    }  # fmt: skip
    assert take_out(REDACTOR, clean)[0] is clean


def test_an_arm_counts_the_stored_grade() -> None:
    suite = a_suite(FORBIDS)
    kept = keep_reply(suite, REDACTOR, LEAKY)
    assert grade_arm(suite, [kept]).mark.tolist() == [0]
    other = a_suite(FORBIDS, input="another question")
    assert grade_arm(other, [kept]).mark.tolist() == [-1]


def test_no_half_of_an_address_survives_the_cut_of_what_is_kept() -> None:
    suite = a_suite(TextRule(must_include=("zebra",)))
    address = "john.smith@example.com"
    for n in range(970, 1001):
        ((kept,),) = grade_arm(
            suite, [Reply(case_id="c", text="x" * (n - 1) + " " + address)]
        ).kept.values()
        assert "john" not in kept.text
        assert not any("john" in saw or "smi" in saw for saw in kept.saw)
        assert dict(kept.redactions) == {"email": 1}


def test_a_case_no_one_expects_anything_of_has_no_grade_to_store() -> None:
    suite = a_suite()
    assert judged(suite, keep_reply(suite, REDACTOR, LEAKY)).mark == "unmeasured"
    unknown = keep_reply(suite, REDACTOR, replace_case(LEAKY))
    assert (unknown.graded, unknown.text) == (None, "write to [email]")


def replace_case(reply: Reply) -> Reply:
    return reply.model_copy(update={"case_id": "no such case"})


def test_what_a_server_calls_its_model_and_action_is_redacted() -> None:
    reply = Reply(case_id="c", text="x", declared_model="m", resolved_model="m a@b.de", action_type="c@d.de")  # fmt: skip

    clean, _ = take_out(REDACTOR, reply)

    assert (clean.resolved_model, clean.action_type) == ("m [email]", "[email]")
    assert clean.redacted == {"email": 2}


def test_the_name_that_the_manifest_gives_stays_where_the_server_repeats_it() -> None:
    reply = Reply(case_id="c", text="x", declared_model="m@b.de", resolved_model="m@b.de")

    assert take_out(REDACTOR, reply)[0] is reply
