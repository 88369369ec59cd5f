"""Real judges against real people, and certificates that somebody changed.

The rows are labels of XSTest and PandaLM (tests/judges). Kappas and agreements of XSTest are those that
come with its converted data; all other numbers are counted by hand from the labels, as said beside them.
"""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitl.errors import DocumentError, EvidenceError, UsageError
from hitl.golden.golden_set import Rubric
from hitl.manifest.release import ModelSpec
from hitl.score.judge.certificate import JudgeCertificate, certificate_problems
from hitl.score.judge.certificate_parts import LabelCounts
from hitl.score.judge.check import CheckedJudge, LabelCheck, build, certify, majority, rows_digest
from hitl.score.judge.identity import judge_id
from hitl.score.judge.label_rows import LabelColumns, LabelledRow, label_text, read_label_rows
from hitl.score.judge.label_scheme import LabelScheme

HERE = Path(__file__).parent
JUDGES = Path(__file__).parents[2] / "judges"
AT = datetime(2026, 5, 18, 12, tzinfo=UTC)
RUBRIC = Rubric(version="2", text="Grade 1 to 5.")
MODEL = ModelSpec.model_validate_json(
    '{"id": "judge-1", "provider": "openai", "base_url": "http://localhost:1", "params": {"temperature": 0}}'
)
JUDGE = CheckedJudge("grounded", RUBRIC, MODEL, HERE)
OWN_ID = judge_id("grounded", RUBRIC, MODEL, pairwise=False, folder=HERE)
PASSES = LabelScheme(positive=("pass",))

Row = dict[str, Any]


def xstest(model: str, judge: str, human: str = "human_final") -> tuple[LabelledRow, ...]:
    columns = LabelColumns(human=(human,), judge=judge, item="case_id")
    return read_label_rows(JUDGES / f"xstest.{model}.jsonl.gz", columns)


def pandalm(judge: str, *human: str) -> tuple[LabelledRow, ...]:
    columns = LabelColumns(human=human, judge=judge, item="case_id")
    return read_label_rows(JUDGES / "pandalm.jsonl.gz", columns)


def said(person: str, judge: str | None, n: int, arm: str | None = None) -> list[LabelledRow]:
    """So many items of which a person says one thing and the judge another."""
    start = f"{arm}-{person}-{judge}"
    return [LabelledRow(f"{start}-{i}", (person,), judge, arm) for i in range(n)]


def an_arm(arm: str | None, right: int = 28, kind: int = 1, harsh: int = 1) -> list[LabelledRow]:
    """A judge that is right on so many replies of each kind, and wrong on a few."""
    return (
        said("pass", "pass", right, arm)
        + said("fail", "fail", right, arm)
        + said("fail", "pass", kind, arm)
        + said("pass", "fail", harsh, arm)
    )


def both_arms() -> list[LabelledRow]:
    rows = an_arm("previous") + an_arm("candidate")
    return [replace(row, line=number) for number, row in enumerate(rows, 1)]


def numbered(rows: list[LabelledRow]) -> list[LabelledRow]:
    return [replace(row, line=number) for number, row in enumerate(rows, 1)]


def check(rows: list[LabelledRow], scheme: LabelScheme = PASSES) -> LabelCheck:
    return build(numbered(rows), scheme)


def a_certificate(rows: list[LabelledRow] | None = None) -> JudgeCertificate:
    return certify(check(rows or both_arms()), JUDGE, AT, 90)


def unmet(found: LabelCheck) -> list[str]:
    return [one.name for one in found.assessment.requirements if not one.is_met]


# Published with the data: three labels for the model judge, compliance or not for the string match.
@pytest.mark.parametrize(
    ("model", "kappa", "agreement", "string_kappa", "string_agreement", "human_kappa"),
    [
        ("gpt4", 0.8729, 0.9356, 0.8711, 0.9356, 0.9701),
        ("llama2orig", 0.5795, 0.7711, 0.7246, 0.8933, 0.9293),
        ("llama2new", 0.6169, 0.7822, 0.8439, 0.9244, 0.9258),
    ],
)
def test_judges_of_xstest_agree_with_people_as_published(
    model: str,
    kappa: float,
    agreement: float,
    string_kappa: float,
    string_agreement: float,
    human_kappa: float,
) -> None:
    by_model = build(xstest(model, "judge_gpt4"), LabelScheme()).assessment
    by_string = build(
        xstest(model, "judge_string_match"), LabelScheme(positive=("1_full_compliance",))
    ).assessment
    people = build(xstest(model, "human_label_2", "human_label_1"), LabelScheme()).assessment

    assert by_model.kappa.estimate == pytest.approx(kappa, abs=5e-5)
    assert by_model.agreement.estimate == pytest.approx(agreement, abs=5e-5)
    assert by_string.kappa.estimate == pytest.approx(string_kappa, abs=5e-5)
    assert by_string.agreement.estimate == pytest.approx(string_agreement, abs=5e-5)
    assert people.kappa.estimate == pytest.approx(human_kappa, abs=5e-5)


# Counted from the labels: replies that people call full compliance and the judge too, of all such;
# then the others. The model judge hardly ever sees a partial refusal.
@pytest.mark.parametrize(
    ("model", "sensitivity", "specificity"),
    [("gpt4", (230, 230), (192, 220)), ("llama2orig", (99, 101), (258, 349))],
)
def test_the_model_judge_of_xstest_passes_what_people_fail(
    model: str, sensitivity: tuple[int, int], specificity: tuple[int, int]
) -> None:
    found = build(xstest(model, "judge_gpt4"), LabelScheme(positive=("1_full_compliance",)))

    (arm,) = found.assessment.arms
    assert (arm.sensitivity.k, arm.sensitivity.n) == sensitivity
    assert (arm.specificity.k, arm.specificity.n) == specificity


def test_two_models_of_xstest_as_arms_show_a_judge_that_errs_differently() -> None:
    rows = [
        replace(row, arm=arm, line=row.line + shift)
        for arm, model, shift in (("previous", "gpt4", 0), ("candidate", "llama2orig", 450))
        for row in xstest(model, "judge_gpt4")
    ]

    found = build(rows, LabelScheme(positive=("1_full_compliance",)))

    warning, _ = found.assessment.warnings  # the last: nobody tried to steer it
    assert "specificity is 192 of 220 in previous and 258 of 349 in candidate" in warning
    assert found.counts.n_clusters == 450  # the same prompts in both arms
    assert found.counts.design_effect > 1.0


@pytest.mark.parametrize(
    ("judge", "n", "agreed"), [("judge_gpt35", 477, 328), ("judge_pandalm", 499, 324)]
)
def test_judges_of_pandalm_against_the_majority(judge: str, n: int, agreed: int) -> None:
    by_majority = build(pandalm(judge, "human_majority"), LabelScheme())
    by_people = build(pandalm(judge, "human_1", "human_2", "human_3"), LabelScheme())

    assert by_majority.counts.n_scored == n
    assert by_majority.assessment.agreement.estimate == agreed / n
    assert by_majority.assessment.kappa == by_people.assessment.kappa
    assert not by_majority.assessment.valid


def test_answers_of_a_pandalm_judge_that_are_no_label_are_refused_counted_and_listed() -> None:
    found = build(pandalm("judge_gpt35_raw", "human_1", "human_2", "human_3"), LabelScheme())

    # 22 answers are garbage, and 15 say "Tie" where the label of a tie is 0.
    assert found.counts.n_unscored == 37
    assert found.counts.n_scored == 462
    assert len(found.unscored) == 20
    assert {one.said for one in found.unscored} == {"garbage", "Tie"}
    assert (found.unscored[0].item, found.unscored[0].line) == ("pandalm:87", 88)
    assert "unscored" in unmet(found)


def test_a_good_judge_of_both_arms_is_certified() -> None:
    certificate = a_certificate()

    assert certificate.valid
    assert certificate.problems == ()
    (untried,) = certificate.warnings
    assert "not known whether a reply can steer it" in untried
    assert certificate_problems(certificate, OWN_ID, AT) == ()
    assert certificate.valid_until == AT + timedelta(days=90)
    # 112 of 116 right, half of them passes: (112/116 - 1/2) / (1/2).
    assert certificate.kappa.estimate == pytest.approx(2 * 112 / 116 - 1)


def test_a_certificate_survives_the_file(tmp_path: Path) -> None:
    certificate = a_certificate()

    again = JudgeCertificate.model_validate_json(certificate.model_dump_json())

    assert again == certificate
    assert certificate_problems(again, OWN_ID, AT) == ()


@pytest.mark.parametrize(
    ("rows", "short"),
    [
        (an_arm(None, right=24, kind=0, harsh=0), ["items"]),
        (an_arm(None, right=40, kind=12, harsh=12), ["kappa"]),
        (an_arm(None, right=60) + said("pass", "4 out of 5", 7), ["unscored"]),
        (said("pass", "pass", 80) + said("fail", "fail", 19), ["failures"]),
        (said("pass", "pass", 19) + said("fail", "fail", 80), ["passes"]),
        (said("pass", "pass", 60), ["kappa", "failures", "tells_apart"]),
        (
            an_arm("previous", right=200) + an_arm("candidate", right=30, kind=75, harsh=0),
            ["tells_apart"],
        ),
    ],
    ids=["few", "poor", "unscored", "no failures", "no passes", "one label", "one arm guesses"],
)
def test_each_requirement_can_fail(rows: list[LabelledRow], short: list[str]) -> None:
    scheme = LabelScheme(labels=("fail", "pass"), positive=("pass",))
    found = check(rows, scheme)

    assert not found.assessment.valid
    assert [name for name in unmet(found) if name in short] == short
    assert set(unmet(found)) - set(short) <= {"kappa"}
    assert len(found.assessment.problems) == len(unmet(found))


@pytest.mark.parametrize(("no_label", "is_met"), [(5, True), (6, False)])
def test_five_in_a_hundred_answers_may_be_no_label(no_label: int, is_met: bool) -> None:
    rows = said("pass", "pass", 50) + said("fail", "fail", 50 - no_label)
    found = check(rows + said("fail", "I cannot say", no_label))

    assert ("unscored" not in unmet(found)) is is_met


@pytest.mark.parametrize(
    ("arm", "words"), [(None, "do not say which arm"), ("previous", "only the arm previous")]
)
def test_labels_of_one_arm_come_with_a_warning(arm: str | None, words: str) -> None:
    found = check(an_arm(arm, right=40)).assessment

    assert found.valid
    assert words in found.warnings[0]


def test_without_passing_labels_a_grader_is_not_certified() -> None:
    found = check(both_arms(), LabelScheme())

    assert unmet(found) == ["pass_labels"]
    assert found.assessment.arms == ()


def test_a_judge_that_compares_needs_no_passing_label_and_shows_its_flips() -> None:
    rows = [
        replace(row, is_flipped=number % 10 == 0)
        for number, row in enumerate(said("a", "a", 40) + said("b", "b", 40))
    ]

    found = check(rows, LabelScheme(is_pairwise=True))

    assert found.assessment.valid
    assert found.assessment.flip_rate is not None
    assert (found.assessment.flip_rate.k, found.assessment.flip_rate.n) == (8, 80)


def test_the_budget_says_how_many_labels_would_do_and_when_none_would() -> None:
    helped = check(an_arm(None, right=24, kind=6, harsh=6)).assessment
    lost = check(an_arm(None, right=24, kind=10, harsh=10)).assessment

    # Kappa 0.6 would need endless labels; here it is 48/60 = 0.8 agreed, 0.5 by chance: exactly 0.6.
    assert helped.kappa.estimate == pytest.approx(0.6)
    assert lost.budget.items_for_kappa is None
    assert "more labels would not help" in lost.budget.message
    better = check(an_arm(None, right=27, kind=4, harsh=4)).assessment
    needed = better.budget.items_for_kappa
    assert needed is not None
    assert needed > 62
    enough = check(an_arm(None, right=27 * 4, kind=16, harsh=16)).assessment
    assert (enough.kappa.low or 0) >= 0.6
    assert needed <= 248


@pytest.mark.parametrize(("rate", "labels"), [(0.5, 104), (1.0, 17)])
def test_labels_for_ten_points_either_way(rate: float, labels: int) -> None:
    # Clopper-Pearson at one half needs 104; without an error 1 - 0.025^(1/n) <= 0.2 from 17 on.
    right = round(20 * rate)
    rows = said("pass", "pass", right) + said("pass", "fail", 20 - right) + said("fail", "fail", 20)

    found = check(rows).assessment.budget.labels_per_arm

    assert found == pytest.approx(2 * labels, abs=2)


def test_people_decide_by_majority_and_ties_are_left_out() -> None:
    rows = [
        *an_arm(None),
        LabelledRow("split", ("pass", "fail"), "pass"),
        LabelledRow("most", ("pass", "fail", "fail"), "fail"),
        LabelledRow("nobody", (), "pass"),
    ]

    counts = check(rows).counts

    assert (counts.n_ties, counts.n_unlabelled) == (1, 1)
    assert counts.n_scored == len(rows) - 2
    assert majority(["a", "b", "c"]) is None
    assert majority([]) is None


@pytest.mark.parametrize("said_", ["Pass", " pass", "pass.", "", None, "true"])
def test_what_is_not_exactly_a_label_is_none(said_: str | None) -> None:
    counts = check([*an_arm(None), LabelledRow("odd", ("pass",), said_)]).counts

    assert counts.n_unscored == 1


def test_copies_of_an_item_are_one_independent_item() -> None:
    rows = [
        replace(row, cluster=f"template-{number % 12}")
        for number, row in enumerate(an_arm(None, 40))
    ]

    found = check(rows)

    assert found.counts.n_clusters == 12
    assert "items" in unmet(found)


def test_nothing_to_judge_is_said() -> None:
    with pytest.raises(EvidenceError, match="no item that a person labelled"):
        check([])
    with pytest.raises(EvidenceError, match="label of the judge"):
        check(said("pass", "?", 5) + said("fail", "?", 5))


def test_contradicting_rows_are_refused() -> None:
    twice = [
        LabelledRow("a", ("pass",), "pass", line=1),
        LabelledRow("a", ("fail",), "pass", line=2),
    ]
    mixed = [replace(twice[0], arm="previous"), replace(twice[1], item="b")]
    three = [replace(twice[0], arm=arm, line=n) for n, arm in enumerate("abc")]

    for rows, words in ((twice, "stands twice"), (mixed, "names no arm"), (three, "3 arms")):
        with pytest.raises(DocumentError, match=words):
            build(rows, LabelScheme())
    with pytest.raises(DocumentError, match="'fail' is no label"):
        check(twice[1:], LabelScheme(labels=("pass", "other")))


@pytest.mark.parametrize(
    ("scheme", "words"),
    [
        (LabelScheme(positive=("pass",), at_least=3), "not both"),
        (LabelScheme(positive=("passed",)), "no label"),
        (LabelScheme(positive=("pass", "fail")), "every one passes"),
        (LabelScheme(at_least=3), "labels that are numbers"),
        (LabelScheme(is_ordinal=True), "order of the labels"),
        (LabelScheme(labels=("pass", "fail", "pass")), "twice"),
    ],
)
def test_a_scheme_that_does_not_fit_is_refused(scheme: LabelScheme, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        check(both_arms(), scheme)


def test_free_text_is_no_label() -> None:
    rows = [LabelledRow(str(i), (f"comment {i}",), "x") for i in range(60)]

    with pytest.raises(UsageError, match="free text"):
        check(rows, LabelScheme())


def test_grades_outside_the_rubrics_scale_are_no_label() -> None:
    rows = said("4", "4", 30) + said("2", "2", 30) + said("2", "6", 1) + said("4", "5", 1)

    counts = check(rows, LabelScheme(at_least=4, scale=(1, 5))).counts

    assert counts.labels == ("1", "2", "3", "4", "5")
    assert counts.positive == ("4", "5")
    assert counts.n_unscored == 1  # a 6; a 5 is a grade, though no person gave it


def test_labels_are_the_same_as_number_and_as_text() -> None:
    assert [label_text(value) for value in (4, 4.0, "4", 4.5, False, ["4"])] == [
        "4",
        "4",
        "4",
        "4.5",
        "false",
        '["4"]',
    ]


def test_the_digest_of_labels_does_not_depend_on_their_order() -> None:
    rows = both_arms()

    assert rows_digest(rows) == rows_digest(rows[::-1])
    assert rows_digest(rows) != rows_digest(rows[:-1])


@pytest.mark.parametrize(
    "model",
    [
        {"id": "judge-2"},
        {"params": {"temperature": 1}},
        {"base_url": "http://localhost:2"},
    ],
)
def test_another_model_needs_its_own_certificate(model: Row) -> None:
    other = judge_id(
        "grounded", RUBRIC, MODEL.model_copy(update=model), pairwise=False, folder=HERE
    )

    (problem,) = certificate_problems(a_certificate(), other, AT)

    assert "another judge" in problem


def test_another_rubric_or_mode_needs_its_own_certificate() -> None:
    changed = RUBRIC.model_copy(update={"text": "Grade kindly."})
    others = [
        judge_id("grounded", changed, MODEL, pairwise=False, folder=HERE),
        judge_id("tone", RUBRIC, MODEL, pairwise=False, folder=HERE),
        judge_id("grounded", RUBRIC, MODEL, pairwise=True, folder=HERE),
    ]

    assert all(certificate_problems(a_certificate(), other, AT) for other in others)


@pytest.mark.parametrize(
    ("days", "words"), [(-1, "in the future"), (90, "expired"), (4000, "expired")]
)
def test_a_certificate_counts_for_its_time_only(days: int, words: str) -> None:
    (problem,) = certificate_problems(a_certificate(), OWN_ID, AT + timedelta(days=days))

    assert words in problem


def test_a_rule_that_asks_for_another_grade_is_not_certified() -> None:
    rows = [
        replace(row, human=(GRADES[row.human[0]],), judge=GRADES[row.judge or ""])
        for row in both_arms()
    ]
    certificate = certify(check(rows, LabelScheme(at_least=4)), JUDGE, AT, 90)

    assert certificate_problems(certificate, OWN_ID, AT, at_least=4) == ()
    (problem,) = certificate_problems(certificate, OWN_ID, AT, at_least=3)
    assert "at least 3" in problem


GRADES = {"pass": "5", "fail": "2"}


def poor() -> Row:
    """A certificate that is not valid, as it stands in its file."""
    certificate = a_certificate(an_arm("previous", 30, 14, 14) + an_arm("candidate", 30, 14, 14))
    assert not certificate.valid
    found: Row = json.loads(certificate.model_dump_json())
    return found


def call_it_valid(found: Row) -> None:
    found["valid"] = True


def meet_everything(found: Row) -> None:
    found.update(valid=True, problems=[])
    for one in found["requirements"]:
        one["is_met"] = True


def drop_requirements(found: Row) -> None:
    found.update(valid=True, problems=[], requirements=[])


def raise_kappa(found: Row) -> None:
    meet_everything(found)
    found["kappa"].update(estimate=0.9, low=0.8, high=0.95)


def mend_the_rates(found: Row) -> None:
    raise_kappa(found)
    for arm in found["arms"]:
        arm["sensitivity"]["k"] = arm["sensitivity"]["n"]


def more_items(found: Row) -> None:
    meet_everything(found)
    found["n_scored"] = found["n_items"] = 5000


def more_clusters(found: Row) -> None:
    meet_everything(found)
    found["n_clusters"] = 5000


def fewer_unscored(found: Row) -> None:
    found["n_unscored"] = 3


def a_crooked_table(found: Row) -> None:
    found["tables"][0]["table"] = [[1]]


def a_label_twice(found: Row) -> None:
    found["labels"] = ["pass", "pass"]


def more_flips(found: Row) -> None:
    found["n_flipped"] = 1


def endless_items(found: Row) -> None:
    found["tables"][0]["table"][0][0] = found["n_items"] = found["n_scored"] = 2**53 - 1
    found["tables"] = found["tables"][:1]


@pytest.mark.parametrize(
    "forge",
    [
        endless_items,
        call_it_valid,
        meet_everything,
        drop_requirements,
        raise_kappa,
        mend_the_rates,
        more_items,
        more_clusters,
        fewer_unscored,
        a_crooked_table,
        a_label_twice,
        more_flips,
    ],
)
def test_a_forged_certificate_gives_no_authority(forge: Callable[[Row], None]) -> None:
    found = poor()
    honest = certificate_problems(
        JudgeCertificate.model_validate_json(json.dumps(found)), OWN_ID, AT
    )
    forge(found)

    forged = JudgeCertificate.model_validate_json(json.dumps(found))
    problems = certificate_problems(forged, OWN_ID, AT)

    assert problems
    assert problems != honest


def test_a_lower_confidence_than_any_gate_allows_is_refused() -> None:
    found = poor() | {"confidence": 0.5}

    with pytest.raises(ValueError, match="confidence"):
        JudgeCertificate.model_validate_json(json.dumps(found))


def test_a_certificate_for_years_is_refused() -> None:
    certificate = a_certificate().model_copy(update={"valid_until": AT + timedelta(days=800)})

    (problem,) = certificate_problems(certificate, OWN_ID, AT)

    assert "more than 366 days" in problem


@given(
    st.integers(2, 4).flatmap(
        lambda size: st.lists(
            st.lists(st.integers(0, 40), min_size=size * size, max_size=size * size),
            min_size=1,
            max_size=2,
        )
    ),
    st.booleans(),
    st.booleans(),
)
def test_any_counts_lead_to_a_certificate_that_follows_from_them(
    tables: list[list[int]], has_passes: bool, is_ordinal: bool
) -> None:
    size = math.isqrt(len(tables[0]))
    labels = tuple("1234"[:size])
    rows = [
        LabelledRow(f"{arm}-{cell}-{i}", (labels[cell // size],), labels[cell % size], arm)
        for arm, table in zip(("previous", "candidate"), tables, strict=False)
        for cell, n in enumerate(table)
        for i in range(n)
    ]
    scheme = LabelScheme(
        labels=labels, positive=labels[-1:] if has_passes else (), is_ordinal=is_ordinal
    )
    if not rows:
        return
    certificate = certify(check(rows, scheme), JUDGE, AT, 90)

    again = JudgeCertificate.model_validate_json(certificate.model_dump_json())

    assert certificate_problems(again, OWN_ID, AT) == certificate.problems
    assert certificate.valid is (certificate.problems == ())


def test_counts_alone_decide_and_the_same_counts_decide_the_same() -> None:
    one, other = check(both_arms()), check(both_arms()[::-1])

    assert isinstance(one.counts, LabelCounts)
    assert one.counts == other.counts
    assert one.assessment == other.assessment


def test_a_lower_confidence_is_shown_and_certifies_nothing() -> None:
    certificate = certify(build(numbered(both_arms()), PASSES, 0.8), JUDGE, AT, 90)

    assert not certificate.valid
    (problem,) = certificate_problems(certificate, OWN_ID, AT)
    assert problem == "limits of confidence 0.8 are shown; a certificate is given at 0.95 or more"


def test_a_certificate_of_lower_confidence_that_calls_itself_valid_is_refused() -> None:
    found = json.loads(
        certify(build(numbered(both_arms()), PASSES, 0.8), JUDGE, AT, 90).model_dump_json()
    )
    found |= {"valid": True, "problems": []}
    found["requirements"] = [one for one in found["requirements"] if one["is_met"]]

    problems = certificate_problems(
        JudgeCertificate.model_validate_json(json.dumps(found)), OWN_ID, AT
    )

    assert "does not follow from its counts" in problems[0]
    assert "given at 0.95 or more" in problems[1]


def test_a_release_may_ask_for_more_confidence_than_its_certificate_has() -> None:
    (problem,) = certificate_problems(a_certificate(), OWN_ID, AT, confidence=0.99)

    assert "its limits are of confidence 0.95, and the release asks for 0.99" in problem
    surer = certify(build(numbered(both_arms()), PASSES, 0.99), JUDGE, AT, 90)
    assert certificate_problems(surer, OWN_ID, AT, confidence=0.99) == surer.problems
    assert certificate_problems(a_certificate(), OWN_ID, AT, confidence=0.9) == ()


def test_shared_items_leave_ac1_without_limits_that_are_not_its_own() -> None:
    rows = [replace(row, cluster=f"template-{at % 60}") for at, row in enumerate(an_arm(None, 60))]

    shared, alone = check(rows).assessment, check(an_arm(None, 60)).assessment

    assert (shared.ac1.low, shared.ac1.high) == (None, None)
    assert shared.ac1.method == "items share clusters, so no interval is given"
    assert shared.ac1.estimate == alone.ac1.estimate
    assert shared.kappa.low is not None
    assert alone.ac1.low is not None
