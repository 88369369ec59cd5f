"""What is found, what is clear and what cannot be said, each with a log made for it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import pytest

from hitl.policy import Policy
from hitl.policy.advice.findings import advice_document
from hitl.policy.advice.parts import Advice, AdviceFinding, Code, Finding, Pattern
from tests.policy.policies import a_policy, a_type, one_type
from tests.policy.replay_logs import Row, a_replay, a_row, reviewed, write_rows

PLAIN = one_type({"audit_rate": 0.0, "error_cost_usd": 5})


class Advise(Protocol):
    """Writes a log and advises on it."""

    def __call__(self, rows: Iterable[Row], policy: Policy = PLAIN) -> Advice: ...


@pytest.fixture
def advise(tmp_path: Path) -> Advise:
    def advised(rows: Iterable[Row], policy: Policy = PLAIN) -> Advice:
        with a_replay(write_rows(tmp_path / "log.jsonl", rows), policy) as found:
            return advice_document(found)

    return advised


def of(advice: Advice, code: Code) -> list[AdviceFinding]:
    return [one for one in advice.findings if one.code is code]


def states(advice: Advice, code: Code) -> set[Finding]:
    return {one.finding for one in of(advice, code)}


def by(person: str, n: int, **changes: Any) -> list[Row]:  # noqa: ANN401  # fields of a row
    """Return decisions that one person looked at, minute by minute."""
    return [
        reviewed(f"{person}-{changes.get('human_action', 'approve')}-{i}", reviewer_id=person,
                 **({"at": f"2026-06-01T{i // 60:02d}:{i % 60:02d}:00Z"} | changes))
        for i in range(n)
    ]  # fmt: skip


class TestPatterns:
    """The first criterion that holds decides."""

    @pytest.mark.parametrize(
        ("action", "n", "pattern"),
        [
            ({"reversible": False}, 1, Pattern.PRE_ACTION_GATE),
            ({"error_cost_usd": 5}, 1001, Pattern.CONFIDENCE_ROUTING),
            ({"error_cost_usd": 5000}, 1001, Pattern.CONFIDENCE_ROUTING),
            ({"error_cost_usd": 100.5}, 1000, Pattern.CASCADING_VALIDATION),
            ({"error_cost_usd": 100}, 1000, Pattern.AUDIT),
            ({}, 1, None),
        ],
        ids=["for good", "many", "many and costly", "costly", "neither", "cost not said"],
    )
    def test_each_criterion(
        self, advise: Advise, action: dict[str, Any], n: int, pattern: Pattern | None
    ) -> None:
        # All on one day, of which the log covers 24 hours.
        rows = [a_row(f"d{i}", at="2026-06-01T00:00:00Z" if i else "2026-06-01T23:00:00Z") for i in range(n)]  # fmt: skip
        if n == 1:
            rows.append(a_row("end", at="2026-06-01T00:00:00Z"))

        (found,) = advise(rows, one_type(action)).patterns

        assert found.pattern is pattern

    def test_a_type_that_the_policy_does_not_know_is_gated(self, advise: Advise) -> None:
        found = advise([a_row("a", action_type="odd")]).patterns

        assert [(one.action_type, one.pattern) for one in found][1] == ("odd", Pattern.PRE_ACTION_GATE)  # fmt: skip

    def test_without_times_nobody_knows_how_many_come(self, advise: Advise) -> None:
        (found,) = advise([a_row("a", at=None)]).patterns

        assert found.pattern is None
        assert "time" in found.reason

    def test_every_number_has_its_n_and_limits(self, advise: Advise) -> None:
        (found,) = advise([a_row("a", at="2026-06-01T00:00:00Z"), a_row("b", at="2026-06-02T23:00:00Z")]).patterns  # fmt: skip

        a_day = found.evidence[1]
        assert (a_day.value, a_day.n, a_day.threshold) == (1.0, 2, 1000)
        assert a_day.low is not None
        assert a_day.high is not None
        assert a_day.low < 1 < a_day.high


class TestThresholds:
    """A threshold needs labels."""

    def labelled(self, n: int, wrong: int, confidence: float = 0.985) -> list[Row]:
        return [
            a_row(f"d{i}", confidence=confidence, correct=i >= wrong, review_probability=1.0)
            for i in range(n)
        ]

    def test_enough_labels_without_too_many_errors_are_clear(self, advise: Advise) -> None:
        # 9 of 600 wrong at confidence 0.985: calibrated, and at most 2.8 %, below a target of 5 %.
        policy = one_type({}, targets={"error_escape_rate": {"at_most": 0.05}})

        (found,) = of(advise(self.labelled(600, 9), policy), Code.THRESHOLD_UNSUPPORTED)

        assert found.finding is Finding.CLEAR

    def test_too_few_labels_support_no_threshold(self, advise: Advise) -> None:
        (found,) = of(advise(self.labelled(50, 0)), Code.THRESHOLD_UNSUPPORTED)

        assert found.finding is Finding.FOUND
        assert "50 labels cannot support it; it takes 149" in found.reason

    def test_no_label_at_all_supports_no_threshold(self, advise: Advise) -> None:
        (found,) = of(advise([a_row("a")]), Code.THRESHOLD_UNSUPPORTED)

        assert (found.finding, found.about) == (Finding.FOUND, "act")
        assert "none of the decisions above it has a label" in found.reason

    def test_more_errors_than_the_target_are_found(self, advise: Advise) -> None:
        (found,) = of(advise(self.labelled(300, 30)), Code.THRESHOLD_UNSUPPORTED)

        assert "more errors than the target allows" in found.reason

    def test_confidence_that_says_too_little_is_found(self, advise: Advise) -> None:
        (found,) = of(advise(self.labelled(600, 0, confidence=0.9)), Code.THRESHOLD_UNSUPPORTED)

        assert found.finding is Finding.FOUND
        assert "it says 90.0% on average, and 100.0% are right" in found.reason

    def test_a_threshold_that_nothing_reaches_is_unmeasured(self, advise: Advise) -> None:
        assert states(advise([a_row("a", confidence=0.1)]), Code.THRESHOLD_UNSUPPORTED) == {Finding.UNMEASURED}  # fmt: skip


class TestConfidence:
    """Confidence must tell something."""

    def scored(self, pairs: list[tuple[float, bool]]) -> list[Row]:
        return [a_row(f"d{i}", confidence=score, correct=right) for i, (score, right) in enumerate(pairs)]  # fmt: skip

    def test_the_same_confidence_for_right_and_wrong_is_found(self, advise: Advise) -> None:
        pairs = [(0.5 + i % 5 / 10, right) for right in (True, False) for i in range(100)]

        assert states(advise(self.scored(pairs)), Code.NO_INFORMATION) == {Finding.FOUND}

    def test_more_confidence_for_the_right_is_clear(self, advise: Advise) -> None:
        pairs = [(0.9 - i % 3 / 20, True) for i in range(40)] + [(0.5 + i % 3 / 20, False) for i in range(40)]  # fmt: skip

        assert states(advise(self.scored(pairs)), Code.NO_INFORMATION) == {Finding.CLEAR}

    @pytest.mark.parametrize("wrong", [0, 1, 19])
    def test_few_wrong_ones_cannot_show_it(self, advise: Advise, wrong: int) -> None:
        pairs = [(0.5 + i % 5 / 10, True) for i in range(100)] + [(0.7, False)] * wrong

        assert states(advise(self.scored(pairs)), Code.NO_INFORMATION) == {Finding.UNMEASURED}

    def test_no_label_is_unmeasured(self, advise: Advise) -> None:
        assert states(advise([a_row("a")]), Code.NO_INFORMATION) == {Finding.UNMEASURED}

    @pytest.mark.parametrize(
        ("same", "other", "finding"),
        [(100, 1, Finding.FOUND), (50, 50, Finding.CLEAR), (9, 1, Finding.UNMEASURED)],
    )
    def test_one_value_for_nearly_everything(
        self, advise: Advise, same: int, other: int, finding: Finding
    ) -> None:
        rows = [a_row(f"a{i}", confidence=0.9) for i in range(same)]
        rows += [a_row(f"b{i}", confidence=0.1 + i / 200) for i in range(other)]

        assert states(advise(rows), Code.ONE_VALUE) == {finding}

    def test_no_confidence_is_unmeasured(self, advise: Advise) -> None:
        assert states(advise([a_row("a", confidence=None)]), Code.ONE_VALUE) == {Finding.UNMEASURED}


class TestPeople:
    """Do they look?"""

    @pytest.mark.parametrize(
        ("approved", "rejected", "finding"),
        [(200, 0, Finding.FOUND), (100, 100, Finding.CLEAR), (3, 0, Finding.UNMEASURED)],
    )
    def test_review_at_every_step(
        self, advise: Advise, approved: int, rejected: int, finding: Finding
    ) -> None:
        rows = [row for who in ("r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9")
                for row in (*by(who, approved), *by(who, rejected, human_action="reject"))]  # fmt: skip

        assert states(advise(rows), Code.EVERY_STEP) == {finding}

    def test_without_reviewers_nothing_can_be_said_of_people(self, advise: Advise) -> None:
        found = advise([a_row("a")])

        for code in (Code.EVERY_STEP, Code.FAST_APPROVALS, Code.UNBROKEN_APPROVALS, Code.SEEDED_MISSED, Code.OVER_ESCALATION):  # fmt: skip
            assert states(found, code) == {Finding.UNMEASURED}

    def test_who_approves_in_a_second_is_found_and_nobody_else(self, advise: Advise) -> None:
        rows = [*by("quick", 60, review_seconds=1.0), *by("calm", 60, review_seconds=30.0)]

        (found,) = of(advise(rows), Code.FAST_APPROVALS)

        assert (found.finding, found.about) == (Finding.FOUND, "quick in triage")
        assert (found.evidence[0].value, found.evidence[0].n) == (1.0, 60)

    def test_two_seconds_are_not_fast(self, advise: Advise) -> None:
        assert states(advise(by("calm", 60, review_seconds=2.0)), Code.FAST_APPROVALS) == {Finding.CLEAR}  # fmt: skip

    def test_reviews_without_a_time_are_not_clear(self, advise: Advise) -> None:
        assert states(advise(by("calm", 60, review_seconds=None)), Code.FAST_APPROVALS) == {Finding.UNMEASURED}  # fmt: skip

    def test_a_run_that_the_others_would_hardly_have_is_found(self, advise: Advise) -> None:
        # The others approve every second one; 40 in a row has a chance of far less than one in a million.
        mixed = [row for n in range(30) for row in by("mixed", 1, human_action=("approve", "reject")[n % 2],
                 decision_id=f"m{n}", at=f"2026-06-01T00:{n:02d}:00Z")]  # fmt: skip

        found = of(advise([*mixed, *by("rubber", 40)]), Code.UNBROKEN_APPROVALS)

        assert [(one.finding, one.about) for one in found] == [(Finding.FOUND, "rubber in triage")]
        assert "approved 40 in a row" in found[0].reason

    def test_a_run_as_long_as_the_pools_rate_makes_it_is_clear(self, advise: Advise) -> None:
        rows = [*by("one", 40), *by("two", 40)]

        assert states(advise(rows), Code.UNBROKEN_APPROVALS) == {Finding.CLEAR}

    def test_one_person_alone_has_nobody_to_be_held_against(self, advise: Advise) -> None:
        found = advise(by("alone", 500))

        assert states(found, Code.UNBROKEN_APPROVALS) == {Finding.UNMEASURED}
        assert states(found, Code.OVER_ESCALATION) == {Finding.UNMEASURED}

    @pytest.mark.parametrize(
        ("caught", "missed", "finding"),
        [(5, 30, Finding.FOUND), (60, 2, Finding.CLEAR), (4, 1, Finding.UNMEASURED)],
    )
    def test_planted_errors(
        self, advise: Advise, caught: int, missed: int, finding: Finding
    ) -> None:
        rows = [*by("a", caught, human_action="reject", seeded_error=True),
                *by("a", missed, seeded_error=True), a_row("d")]  # fmt: skip

        assert states(advise(rows), Code.SEEDED_MISSED) == {finding}

    def test_who_passes_on_far_more_than_the_others_is_found(self, advise: Advise) -> None:
        rows = [row for who in ("a", "b", "c") for row in (*by(who, 95), *by(who, 5, human_action="escalate"))]  # fmt: skip
        rows += [*by("worried", 60), *by("worried", 40, human_action="escalate")]

        found = of(advise(rows), Code.OVER_ESCALATION)

        assert [(one.finding, one.about) for one in found] == [(Finding.FOUND, "worried in triage")]
        assert found[0].evidence[0].value == pytest.approx(0.4)

    def test_who_passes_on_as_much_as_the_others_is_not(self, advise: Advise) -> None:
        rows = [row for who in ("a", "b") for row in (*by(who, 95), *by(who, 5, human_action="escalate"))]  # fmt: skip

        assert states(advise(rows), Code.OVER_ESCALATION) == {Finding.CLEAR}

    def test_names_of_people_are_redacted(self, advise: Advise) -> None:
        (found,) = of(advise([*by("ana@example.com", 60, review_seconds=1.0)]), Code.FAST_APPROVALS)

        assert found.about == "[email] in triage"


class TestWork:
    """Queues and feedback."""

    def test_a_queue_that_grows_is_found(self, advise: Advise) -> None:
        policy = one_type({}, pools={"triage": {"members": ["a"], "capacity_per_hour": 1, "sla_minutes": 60}})  # fmt: skip
        rows = [reviewed(f"d{i}", confidence=0.1, review_seconds=20.0 + i % 5) for i in range(50)]

        (found,) = of(advise(rows, policy), Code.QUEUE_GROWS)

        assert (found.finding, found.about) == (Finding.FOUND, "triage")
        assert found.evidence[0].value == pytest.approx(50.0)

    def test_a_quiet_hour_does_not_clear_a_queue(self, advise: Advise) -> None:
        policy = one_type({}, pools={"triage": {"members": ["a"], "capacity_per_hour": 5000, "sla_minutes": 60}})  # fmt: skip
        rows = [reviewed(f"d{i}", confidence=0.1, review_seconds=20.0 + i % 5) for i in range(50)]

        assert states(advise(rows, policy), Code.QUEUE_GROWS) == {Finding.UNMEASURED}

    def test_a_pool_without_capacity_is_not_clear(self, advise: Advise) -> None:
        policy = one_type({}, pools={"triage": {"members": ["a"], "sla_minutes": 60}})

        (found,) = of(advise([a_row("d", confidence=0.1)], policy), Code.QUEUE_GROWS)

        assert found.finding is Finding.UNMEASURED

    def two_months(self, **later: str) -> list[Row]:
        rows = [reviewed(f"d{i}", at=f"2026-0{5 + i % 2}-{1 + i % 28:02d}T00:00:00Z", human_action="reject",
                         workflow_version="1") for i in range(56)]  # fmt: skip
        return [*rows, reviewed("end", at="2026-06-30T00:00:00Z", **({"workflow_version": "1"} | later))]  # fmt: skip

    def test_corrections_that_changed_nothing_are_found(self, advise: Advise) -> None:
        (found,) = of(advise(self.two_months()), Code.FEEDBACK_UNUSED)

        assert found.finding is Finding.FOUND
        assert "56 decisions" in found.reason
        assert found.evidence[0].value == pytest.approx(60.0)

    def test_a_change_in_time_is_clear(self, advise: Advise) -> None:
        rows = [*self.two_months(), reviewed("change", at="2026-05-31T00:00:00Z", workflow_version="2")]  # fmt: skip

        assert states(advise(rows), Code.FEEDBACK_UNUSED) == {Finding.CLEAR}

    def test_a_change_of_the_model_alone_is_no_answer(self, advise: Advise) -> None:
        rows = [*self.two_months(), reviewed("change", at="2026-05-31T00:00:00Z", workflow_version="1", resolved_model="new")]  # fmt: skip

        assert states(advise(rows), Code.FEEDBACK_UNUSED) == {Finding.FOUND}

    @pytest.mark.parametrize(
        ("rows", "reason"),
        [
            ([reviewed("d", workflow_version="1")], "the log covers 0 days"),
            ([reviewed("d")], "none of workflow_version"),
            ([a_row("d", workflow_version="1")], "no column human_action"),
            ([reviewed("d", at=None, workflow_version="1")], "no times"),
        ],
        ids=["short", "no version", "no action", "no times"],
    )
    def test_what_cannot_be_said_of_feedback(
        self, advise: Advise, rows: list[Row], reason: str
    ) -> None:
        (found,) = of(advise(rows), Code.FEEDBACK_UNUSED)

        assert found.finding is Finding.UNMEASURED
        assert reason in found.reason


def test_what_is_found_comes_first_and_every_code_is_answered(advise: Advise) -> None:
    policy = a_policy(action_types={"act": a_type(), "other": a_type()})

    found = advise([a_row("a")], policy).findings

    order = [Finding.FOUND, Finding.UNMEASURED, Finding.CLEAR]
    assert [one.finding for one in found] == sorted((one.finding for one in found), key=order.index)
    assert {one.code for one in found} == set(Code)


def test_an_empty_log_of_evidence_is_nowhere_clear_but_where_nothing_is_asked(
    advise: Advise,
) -> None:
    found = advise([a_row("a", confidence=None, at=None)])

    assert {one.code for one in found.findings if one.finding is Finding.CLEAR} == set()


def test_it_says_what_targets_would_lack(advise: Advise) -> None:
    lacked = {one.target: one.lacked for one in advise([a_row("a")]).targets}

    assert lacked["escalation_rate"] == ()
    assert lacked["error_escape_rate"] == ("correct",)
    assert lacked["feedback_used_within_days"] == ("human_action",)
