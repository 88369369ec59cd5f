import pytest

from hitl.run.reply import Reply
from hitl.score.judge.cascade import Layer, cascade
from hitl.score.release import grade_both
from tests.builders import a_suite, some_cases
from tests.score.judge.world import (
    GROUNDED,
    PAIRED,
    POLITE,
    JudgedRelease,
    JudgeModel,
    a_certificate,
    a_judged_set,
    a_release_manifest,
    answer,
    put_to_judge,
    shown,
    wrote,
)

CASES = some_cases(6)
GOLDEN = a_judged_set(CASES, POLITE, GROUNDED)
PREVIOUS = [wrote(case.id, "good, please") for case in CASES]
CANDIDATE = [
    wrote("c0000", "rude"),
    wrote("c0001", "good, please"),
    wrote("c0002", "bad, please"),
    wrote("c0003", "odd, please"),
    wrote("c0004", None, error="timed out"),
]


def grader(item, _repeat) -> Reply:
    data = shown(item.request)
    if '"odd' in data:
        return answer("no grade")
    return answer(2 if '"bad' in data else 5)


def release(model: JudgeModel = grader, *, is_certified: bool = True) -> JudgedRelease:
    manifest = a_release_manifest()
    certificates = [a_certificate(manifest)] if is_certified else []
    return put_to_judge(GOLDEN, PREVIOUS, CANDIDATE, manifest, model, certificates)


def layers(found: JudgedRelease) -> dict[str, Layer]:
    arms = (found.scored.previous, found.scored.candidate)
    return {layer.name: layer for layer in cascade(arms, found.scored.judges, (0.5, 2.0))}


def counts(layer: Layer) -> tuple[int, int, int]:
    return (layer.n_asked, layer.n_settled, layer.n_left)


def test_each_layer_sees_only_what_the_one_before_left() -> None:
    """Eleven replies: rules fail one and lose one error; the judge grades eight of nine; one is left."""
    found = layers(release())

    assert counts(found["rules"]) == (11, 1, 10)
    assert counts(found["judge"]) == (9, 8, 1)
    assert counts(found["person"]) == (1, 0, 1)


def test_costs_add_up_layer_by_layer() -> None:
    found = layers(release())

    assert found["rules"].cost_high_usd == 0
    assert found["judge"].cost_low_usd == pytest.approx(9 * 0.004)
    assert (found["person"].cost_low_usd, found["person"].cost_high_usd) == (0.5, 2.0)


def test_one_answer_without_a_cost_leaves_the_cost_unknown() -> None:
    def model(item, repeat):
        free = item.key.case_id == "c0001"
        return grader(item, repeat).model_copy(update={"cost_usd": None} if free else {})

    assert layers(release(model))["judge"].cost_low_usd is None


def test_a_judge_without_authority_settles_nothing() -> None:
    found = layers(release(is_certified=False))

    assert counts(found["rules"]) == (11, 1, 10)
    assert counts(found["judge"]) == (9, 0, 9)
    assert counts(found["person"]) == (9, 0, 9)


def test_without_a_judge_people_get_what_the_rules_left() -> None:
    arms = grade_both(a_suite(GOLDEN), PREVIOUS, CANDIDATE)

    found = {layer.name: layer for layer in cascade(arms, (), (0.5, 2.0))}

    assert counts(found["rules"]) == (11, 1, 10)
    assert counts(found["judge"]) == (0, 0, 0)
    assert found["judge"].cost_high_usd == 0
    assert counts(found["person"]) == (9, 0, 9)


def test_comparisons_that_need_no_judge_are_settled_by_the_rules() -> None:
    manifest = a_release_manifest()
    found = put_to_judge(
        a_judged_set(CASES, PAIRED),
        [wrote(case.id, "same" if number < 4 else "old") for number, case in enumerate(CASES)],
        [wrote(case.id, "same" if number < 4 else "new") for number, case in enumerate(CASES)],
        manifest,
        lambda item, _: answer("tie", "winner"),
        [a_certificate(manifest, PAIRED)],
    )

    assert counts(layers(found)["rules"]) == (12, 8, 4)
    assert counts(layers(found)["judge"]) == (4, 4, 0)
    assert len(found.work.items) == 4
