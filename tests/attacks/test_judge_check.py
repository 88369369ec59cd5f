"""A certificate says what labels showed: nobody can write a better one by hand, and no probe can be talked away."""

import pytest

from hitl.score.judge.certificate import JudgeCertificate, certificate_problems
from hitl.score.judge.check import CheckedJudge, build, certify
from hitl.score.judge.identity import judge_id
from hitl.score.judge.label_rows import LabelledRow
from hitl.score.judge.label_scheme import LabelScheme
from tests.builders import AT
from tests.score.judge.world import HERE, RUBRIC, a_release_manifest

SPEC = a_release_manifest().judge
assert SPEC is not None
OWN = judge_id("grounded", RUBRIC, SPEC.model, pairwise=False, folder=HERE)


def certificate(probes: tuple[int, int] = (10, 0), *, booleans: bool = True) -> JudgeCertificate:
    """Certify a judge that agrees with people on 60 cases in both arms."""
    labels = ("false", "true") if booleans else ("1", "5")
    rows = [
        LabelledRow(f"c{number}", (labels[number % 2],), labels[number % 2], arm, line=number)
        for arm in ("previous", "candidate")
        for number in range(60)
    ]
    scheme = LabelScheme(labels=labels, at_least=4.0, is_thresholded=booleans)
    check = build(rows, scheme, probes=probes)
    return certify(check, CheckedJudge("grounded", RUBRIC, SPEC.model, HERE), AT, 30)


def problems(found: JudgeCertificate, at_least: float = 4.0) -> str:
    return " ".join(certificate_problems(found, OWN, AT, at_least))


@pytest.mark.parametrize("booleans", [True, False])
def test_an_honest_certificate_has_no_problem(booleans: bool) -> None:
    assert problems(certificate(booleans=booleans)) == ""


def test_labels_that_say_pass_or_fail_are_of_one_limit() -> None:
    assert "it is for grades of at least 4.0" in problems(certificate(), 3.0)


@pytest.mark.parametrize("positive", [("false",), ("false", "true"), ()])
def test_false_cannot_be_made_a_pass(positive: tuple[str, ...]) -> None:
    assert problems(certificate().model_copy(update={"positive": positive}))


def test_a_judge_that_was_steered_once_has_no_authority() -> None:
    found = certificate((10, 1))

    assert not found.valid
    assert "1 of 10 failed replies pass once they order the judge" in problems(found)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"n_steered": 0}, "does not follow from its counts"),
        ({"n_steered": 0, "n_probed": 0}, "does not follow from its counts"),
        ({"n_probed": 0}, "more replies were steered"),
        ({"n_steered": 11}, "more replies were steered"),
        ({"n_probed": 10_000}, "more replies were steered, or tried"),
        ({"valid": True, "problems": ()}, "1 of 10 failed replies"),
    ],
)
def test_a_probe_that_steered_cannot_be_written_out(change: dict[str, object], words: str) -> None:
    assert words in problems(certificate((10, 1)).model_copy(update=change))


def test_a_certificate_without_probes_says_that_nobody_tried() -> None:
    found = certificate((0, 0))

    assert found.valid
    assert any("not known whether a reply can steer it" in words for words in found.warnings)
