import pytest

from tests.cli.workspace import Spoil, Workspace, hold

PREVIOUS, CANDIDATE = "acme/model-2026-05-01", "acme/model-2026-05-18"
RULE = {"alias": "acme/latest", "expected": CANDIDATE}


def resolved(*names: str) -> Spoil:
    def spoil(release: Workspace) -> None:
        for number, row in enumerate(release.candidate):
            row["resolved_model"] = names[number * len(names) // 80]

    return spoil


def an_alias(*spoils: Spoil, rule: bool = True) -> Spoil:
    def spoil(release: Workspace) -> None:
        release.manifest["candidate_model"]["id"] = "acme/latest"
        if rule:
            release.manifest["alias_resolution"] = RULE
        for one in spoils:
            one(release)

    return spoil


def swapped(field: str) -> Spoil:
    def spoil(release: Workspace) -> None:
        for rows, name in ((release.previous, CANDIDATE), (release.candidate, PREVIOUS)):
            for row in rows:
                row[field] = name

    return spoil


def asked_of_the_alias(release: Workspace) -> None:
    release.manifest["alias_resolution"] = RULE
    for row in release.candidate:
        row["declared_model"] = "acme/latest"


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        pytest.param(resolved(CANDIDATE, "acme/model-2026-05-19"), "identity_moved", id="moved"),
        pytest.param(resolved("acme/model-2026-05-19"), "identity_mismatch", id="another"),
        pytest.param(resolved(""), "identity_mismatch", id="nobody"),
        pytest.param(swapped("declared_model"), "identity_mismatch", id="arms swapped"),
        pytest.param(swapped("resolved_model"), "identity_mismatch", id="arms swapped, resolved"),
        pytest.param(
            lambda w: w.candidate[9].update(declared_model="x"), "identity_mismatch", id="one asked"
        ),
        pytest.param(an_alias(rule=False), "identity_alias_only", id="an alias, no rule"),
        pytest.param(an_alias(), "identity_alias_only", id="an alias that nobody resolved"),
        pytest.param(
            an_alias(resolved("acme/latest")), "identity_alias_only", id="an alias that echoes"
        ),
        pytest.param(
            an_alias(resolved(CANDIDATE), rule=False), "identity_mismatch", id="resolved, no rule"
        ),
        pytest.param(
            an_alias(resolved("acme/model-2026-05-19")), "identity_mismatch", id="not as expected"
        ),
        pytest.param(
            an_alias(lambda w: w.candidate[0].update(resolved_model=CANDIDATE)),
            "identity_alias_only",
            id="resolved once",
        ),
        pytest.param(asked_of_the_alias, "identity_alias_only", id="asked of the alias"),
    ],
)
def test_a_candidate_that_is_not_known_for_certain_is_held(
    release: Workspace, spoil: Spoil, code: str
) -> None:
    spoil(release)

    hold(release, code)


def test_a_previous_arm_that_moved_holds_too(release: Workspace) -> None:
    release.previous[0]["resolved_model"] = PREVIOUS
    release.previous[1]["resolved_model"] = "acme/model-2026-04-01"

    hold(release, "identity_moved")


def test_an_alias_that_resolves_as_expected_ships(release: Workspace) -> None:
    an_alias(resolved(CANDIDATE))(release)

    assert release.gate() == 0
    assert release.record["alias_resolution"] == RULE | {"resolved": [CANDIDATE], "holds": True}


def test_replies_that_do_not_say_who_answered_count_as_declared(release: Workspace) -> None:
    assert release.gate() == 0

    record = release.record
    assert record["candidate_model"]["grade"] == "declared"
    assert "identity_declared" in [finding["code"] for finding in record["findings"]]
