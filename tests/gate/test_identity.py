"""Who answered: every combination of what was declared, asked, answered and expected."""

import pytest

from hitl.gate.identity import identify, is_alias
from hitl.manifest.release import AliasResolution
from tests.builders import (
    CANDIDATE,
    PREVIOUS,
    a_golden_set,
    a_manifest,
    a_reply,
    judged,
    some_cases,
)

DATED, OTHER, ALIAS = "model-2026-05-18", "model-2026-05-01", "provider/latest"
RULE = AliasResolution(alias=ALIAS, expected=DATED)


@pytest.mark.parametrize(
    "name",
    ["provider/latest", "gpt-latest", "LATEST", "default", "a/stable/b", "model:current", "auto",
     "model_auto", "claude-3-5-sonnet-latest"],
)  # fmt: skip
def test_an_id_with_such_a_part_and_no_date_is_an_alias(name: str) -> None:
    assert is_alias(name, None)


@pytest.mark.parametrize(
    "name",
    ["gpt-4o", "gpt-4-0613", "model-2026-05-18", "model-20260518-latest", "latest-2026.05.18",
     "stable-diffusion-0613", "automatic", "latestmodel", "defaults"],
)  # fmt: skip
def test_any_other_id_is_not(name: str) -> None:
    assert not is_alias(name, None)


def test_the_manifest_may_call_any_id_an_alias() -> None:
    assert is_alias("our-model", AliasResolution(alias="our-model", expected=DATED))


@pytest.mark.parametrize(
    ("declared", "asked", "answered", "rule", "grade"),
    [
        pytest.param(DATED, {}, {DATED: 9}, None, "resolved", id="the declared model answered"),
        pytest.param(DATED, {DATED: 9}, {DATED: 9}, None, "resolved", id="asked and answered"),
        pytest.param("gpt-4o", {}, {"gpt-4o": 9}, None, "resolved", id="an id that comes back"),
        pytest.param(DATED, {}, {}, None, "declared", id="nobody says who answered"),
        pytest.param(DATED, {}, {OTHER: 9}, None, "mismatch", id="another model answered"),
        pytest.param(DATED, {OTHER: 9}, {}, None, "mismatch", id="another model was asked"),
        pytest.param(DATED, {DATED: 5, OTHER: 4}, {}, None, "mismatch", id="two were asked"),
        pytest.param(DATED, {}, {DATED: 5, OTHER: 4}, None, "moved", id="moved in mid-run"),
        pytest.param(ALIAS, {}, {}, None, "alias_only", id="an alias and nobody says"),
        pytest.param(ALIAS, {}, {ALIAS: 9}, None, "alias_only", id="an alias that echoes itself"),
        pytest.param(ALIAS, {}, {ALIAS: 9}, RULE, "alias_only", id="echoed, though expected"),
        pytest.param(ALIAS, {}, {}, RULE, "alias_only", id="expected, and nobody says"),
        pytest.param(ALIAS, {}, {DATED: 9}, RULE, "resolved", id="the expected model answered"),
        pytest.param(ALIAS, {ALIAS: 9}, {DATED: 9}, RULE, "resolved", id="alias asked"),
        pytest.param(ALIAS, {}, {OTHER: 9}, RULE, "mismatch", id="not the expected one"),
        pytest.param(ALIAS, {}, {DATED: 9}, None, "mismatch", id="an alias without a rule"),
        pytest.param(ALIAS, {}, {DATED: 5, OTHER: 4}, RULE, "moved", id="the alias moved"),
        pytest.param(DATED, {}, {DATED: 9}, RULE, "resolved", id="declared as expected"),
        pytest.param(OTHER, {}, {OTHER: 9}, RULE, "mismatch", id="declared another one"),
        pytest.param(DATED, {}, {ALIAS: 9}, RULE, "alias_only", id="an alias answered"),
        pytest.param("plain", {}, {"plain": 9},
                     AliasResolution(alias="plain", expected=DATED), "alias_only",
                     id="the rule calls it an alias, so its echo is unknown"),
    ],
)  # fmt: skip
def test_the_candidate_is_graded(
    declared: str,
    asked: dict[str, int],
    answered: dict[str, int],
    rule: AliasResolution | None,
    grade: str,
) -> None:
    found = identify(declared, asked, answered, rule, is_candidate=True)

    assert found.grade.value == grade
    assert bool(found.problem) == (grade not in ("resolved", "declared"))


def test_the_expectation_does_not_bind_the_previous_arm() -> None:
    found = identify(OTHER, {}, {OTHER: 9}, RULE, is_candidate=False)

    assert found.grade.value == "resolved"


def replies(n: int, **fields: object) -> list[object]:
    return [a_reply(case.id, **fields) for case in some_cases(n)]


@pytest.mark.parametrize(
    ("previous", "candidate", "code"),
    [
        pytest.param(PREVIOUS, CANDIDATE, None, id="as declared"),
        pytest.param(CANDIDATE, PREVIOUS, "identity_mismatch", id="arms swapped"),
        pytest.param(PREVIOUS, "stranger", "identity_mismatch", id="a stranger"),
        pytest.param("stranger", CANDIDATE, "identity_mismatch", id="a stranger before"),
    ],
)
@pytest.mark.parametrize("field", ["resolved_model", "declared_model"])
def test_a_doubtful_identity_holds_whatever_the_rules_say(
    previous: str, candidate: str, code: str | None, field: str
) -> None:
    found = judged(
        a_golden_set({"main": some_cases(60)}),
        replies(60, **{field: previous}),
        replies(60, **{field: candidate}),
        a_manifest([{"subset": "main", "authority": "block"}]),
    )

    assert found.verdict == ("hold" if code else "ship")
    assert set(found.codes) == ({code} if code else set())


def test_an_identity_that_moved_in_mid_run_holds() -> None:
    cases = some_cases(60)
    candidate = [
        a_reply(case.id, resolved_model=CANDIDATE if number else "model-2026-06-01")
        for number, case in enumerate(cases)
    ]

    found = judged(
        a_golden_set({"main": cases}),
        replies(60),
        candidate,
        a_manifest([{"subset": "main", "authority": "block"}]),
    )

    assert (found.verdict, found.codes) == ("hold", ("identity_moved",))


def test_replies_that_say_nothing_count_as_declared_and_the_record_says_so() -> None:
    found = judged(
        a_golden_set({"main": some_cases(60)}),
        replies(60),
        replies(60),
        a_manifest([{"subset": "main", "authority": "block"}]),
    )

    notes = [note.message for note in found.judgement.notes if note.code == "identity_declared"]
    assert found.verdict == "ship"
    assert len(notes) == 2


def test_replies_of_which_some_name_nobody_are_at_best_as_declared() -> None:
    found = identify(DATED, {}, {DATED: 2}, None, is_candidate=True, n_silent=78)

    assert (found.grade.value, found.problem) == ("declared", "")
