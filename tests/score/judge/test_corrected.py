from pathlib import Path

import pytest

from hitl.errors import DocumentError
from hitl.record.judges import cascade_parts, correction_part, judge_part
from hitl.run.arm import Arm
from hitl.score.judge.corrected import CorrectedDifference
from hitl.score.judge.labels import load_human_grades
from hitl.score.judged import PeopleGrades, ReplyKey
from tests.builders import some_cases
from tests.score.judge.world import (
    GROUNDED,
    PAIRED,
    POLITE,
    JudgedRelease,
    a_judged_set,
    a_release_manifest,
    always,
    answer,
    put_to_judge,
    shown,
    wrote,
)

CASES = some_cases(80)


def labels(rows: dict[int, tuple[bool | float, bool | float]]) -> PeopleGrades:
    """Label the replies of both arms to some cases."""
    return {
        ReplyKey(arm, CASES[number].id, 0): said
        for number, both in rows.items()
        for arm, said in zip((Arm.PREVIOUS, Arm.CANDIDATE), both, strict=True)
    }


def release(
    people: PeopleGrades | None, texts: dict[int, str] | None = None, rule=GROUNDED
) -> JudgedRelease:
    """Let a judge that fails what says "bad" grade both arms; rules fail what is not polite."""
    said = dict.fromkeys(range(80), "please") | (texts or {})
    return put_to_judge(
        a_judged_set(CASES, POLITE, rule),
        [wrote(case.id, "old, please") for case in CASES],
        [wrote(case.id, said[number]) for number, case in enumerate(CASES)],
        a_release_manifest(),
        lambda item, _: (
            answer(1 if '"bad' in shown(item.request) else 5)
            if not rule.pairwise
            else answer("tie", "winner")
        ),
        people=people,
    )


def the_one(found: JudgedRelease) -> CorrectedDifference:
    (difference,) = found.scored.corrected
    return difference


def test_people_correct_a_judge_that_passes_everything() -> None:
    """The judge sees no difference; people see the candidate fail in ten of twenty labelled cases."""
    people = labels({number: (True, number % 2 == 0) for number in range(20)})

    found = the_one(release(people))

    assert found.judged == 0.0
    assert found.corrected.estimate == pytest.approx(-0.5)
    assert (found.corrected.n_labelled, found.corrected.n_unlabelled) == (20, 60)
    assert found.corrected.low is not None
    assert found.corrected.high is not None
    assert found.decision_low is not None
    assert found.corrected.low < found.decision_low < -0.5
    assert found.corrected.high < 0


def test_a_judge_that_is_right_keeps_its_difference() -> None:
    bad = dict.fromkeys(range(0, 80, 4), "bad, please")
    people = labels({number: (True, number not in bad) for number in range(40)})

    found = the_one(release(people, bad))

    assert found.judged == pytest.approx(-0.25)
    assert found.corrected.estimate == pytest.approx(-0.25)


def test_grades_of_people_are_held_against_the_limit_of_the_rule() -> None:
    people = labels(dict.fromkeys(range(20), (4, 3.5)))

    assert the_one(release(people)).corrected.estimate == pytest.approx(-1.0)


def test_what_rules_failed_is_a_failure_to_people_too() -> None:
    """Ten of twenty labelled candidates were rude; a person who liked them changes nothing."""
    rude = dict.fromkeys(range(0, 80, 2), "rude")
    people = labels(dict.fromkeys(range(20), (True, True)))

    found = the_one(release(people, rude))

    assert found.judged == pytest.approx(-0.5)
    assert found.corrected.estimate == pytest.approx(-0.5)


def test_a_label_in_one_arm_alone_is_not_used() -> None:
    people = {ReplyKey(Arm.CANDIDATE, case.id, 0): True for case in CASES[:5]}

    found = the_one(release(people))

    assert (found.corrected.n_labelled, found.n_unused) == (0, 5)
    assert found.corrected.estimate is None
    assert found.decision_low is None
    assert found.corrected.reason


def test_a_case_that_lacks_a_repeat_is_left_out_and_not_taken_for_whole() -> None:
    """Every case has two replies in both arms, but the candidate's to three of them."""
    found = put_to_judge(
        a_judged_set(CASES, GROUNDED),
        [wrote(case.id, "old", repeat) for case in CASES for repeat in (0, 1)],
        [
            wrote(case.id, "new", repeat)
            for number, case in enumerate(CASES)
            for repeat in ((0,) if number < 3 else (0, 1))
        ],
        a_release_manifest(),
        always(5),
        people=labels(dict.fromkeys(range(20), (True, True))),
    )

    difference = the_one(found)

    assert (difference.n_cases, difference.n_left_out) == (77, 3)
    assert difference.corrected.n_labelled == 17
    assert difference.n_unused == 3


def test_cases_without_a_judge_rule_are_neither_corrected_nor_missed() -> None:
    own = [case.model_copy(update={"expect": (GROUNDED,)}) for case in CASES[:50]]
    plain = [case.model_copy(update={"expect": (POLITE,)}) for case in CASES[50:]]
    found = put_to_judge(
        a_judged_set([*own, *plain]),
        [wrote(case.id, "old, please") for case in CASES],
        [wrote(case.id, "new, please") for case in CASES],
        a_release_manifest(),
        always(5),
        people=labels(dict.fromkeys(range(20), (True, True))),
    )

    assert (the_one(found).n_cases, the_one(found).n_left_out) == (50, 0)


def test_without_labels_and_for_comparisons_nothing_is_corrected() -> None:
    assert release(None).scored.corrected == ()
    people = labels(dict.fromkeys(range(20), (True, True)))
    assert release(people, rule=PAIRED).scored.corrected == ()


def test_the_record_keeps_judge_correction_and_cascade() -> None:
    people = labels({number: (True, number % 2 == 0) for number in range(20)})
    found = release(people)

    judge = judge_part(found.scored.judges[0], found.judgement.identities)
    correction = correction_part(the_one(found))
    layers = cascade_parts(found.scored, (0.5, 2.0))

    assert (judge.rubric, judge.certificate, judge.signal_in) == (
        "grounded",
        "not_valid",
        ("main",),
    )
    assert judge.previous is not None
    assert (judge.previous.mean.estimate, judge.previous.mean.n) == (5.0, 80)
    assert (judge.n_calls, judge.same_family) == (160, ())
    assert correction.estimate == pytest.approx(-0.5)
    assert [(layer.name, layer.n_asked) for layer in layers] == [
        ("rules", 160),
        ("judge", 160),
        ("person", 160),
    ]


def test_a_judge_that_gave_no_grade_has_no_mean() -> None:
    found = put_to_judge(
        a_judged_set(CASES, GROUNDED),
        [wrote(case.id, "old") for case in CASES],
        [wrote(case.id, "new") for case in CASES],
        a_release_manifest(),
        always("nothing"),
    )

    judge = judge_part(found.scored.judges[0], found.judgement.identities)

    assert judge.candidate is not None
    assert (judge.candidate.mean.estimate, judge.candidate.share_met) == (None, None)
    assert judge.candidate.unscored == {"not_a_label": 80}
    assert judge.difference is not None
    assert (judge.difference.estimate, judge.difference.n) == (None, 0)


def test_labels_are_read_from_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    path.write_text(
        '{"case_id": "c1", "arm": "previous", "human": true}\n'
        '{"case_id": "c1", "arm": "candidate", "repeat": 2, "human": 4}\n'
    )

    assert load_human_grades(path) == {
        ReplyKey(Arm.PREVIOUS, "c1", 0): True,
        ReplyKey(Arm.CANDIDATE, "c1", 2): 4,
    }


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"case_id": "c1", "arm": "previous", "human": null}', "human"),
        ('{"case_id": "c1", "arm": "previous", "human": "yes"}', "human"),
        ('{"case_id": "c1", "arm": "both", "human": true}', "arm"),
        ('{"case_id": "c1", "human": true}', "arm"),
        ('{"case_id": "c0", "arm": "previous", "human": false}', "graded twice"),
        ('{"case_id": "c1", "arm": "previous", "human": NaN}', "not valid JSON"),
    ],
)
def test_a_line_that_is_no_grade_is_named(tmp_path: Path, line: str, problem: str) -> None:
    path = tmp_path / "people.jsonl"
    path.write_text(f'{{"case_id": "c0", "arm": "previous", "human": true}}\n{line}\n')

    with pytest.raises(DocumentError, match=problem):
        load_human_grades(path)


def test_clusters_that_are_labelled_in_part_leave_the_labels_alone() -> None:
    """Two cases of eight are labelled in nine of ten clusters; no case elsewhere stands for these."""
    cases = [case.model_copy(update={"cluster": f"k{at // 8}"}) for at, case in enumerate(CASES)]
    found = the_one(
        put_to_judge(
            a_judged_set(cases, GROUNDED),
            [wrote(case.id, "old") for case in cases],
            [wrote(case.id, "new") for case in cases],
            a_release_manifest(),
            always(5),
            people=labels({at: (True, at % 3 == 0) for at in range(0, 72, 4)}),
        )
    )

    assert (found.corrected.n_labelled, found.corrected.n_unlabelled) == (9, 0)
    assert found.corrected.method == "labels only, t"
    assert found.corrected.estimate == pytest.approx(-12 / 18)
