import pytest

from tests.cli.workspace import Row, Workspace, hold, refuse

WAIVER = {
    "subset": "core",
    "owner": "Jane Roe",
    "reason": "accepted until the fix lands",
    "expires_at": "2099-01-01T00:00:00Z",
}
TERMS = [{"force_review": "remediation"}, {"rollout_percent": 5}]


@pytest.mark.parametrize("stage", ["shadow", "canary", "primary"])
@pytest.mark.parametrize("authority", ["block", "rollback_trigger"])
def test_past_the_cutover_a_failure_reverts(release: Workspace, stage: str, authority: str) -> None:
    release.manifest["stage"] = stage
    release.gate_class["authority"] = authority
    release.fail(range(80))

    assert release.gate() == 11
    assert release.record["verdict"] == "revert"


def test_past_the_cutover_a_lack_of_evidence_holds(release: Workspace) -> None:
    release.manifest["stage"] = "primary"
    del release.candidate[0]

    hold(release, "block_unmeasured")


@pytest.mark.parametrize("authority", ["block", "rollback_trigger", "conditional"])
def test_a_failure_without_terms_holds(release: Workspace, authority: str) -> None:
    release.gate_class["authority"] = authority
    release.fail(range(80))

    hold(release, f"{authority}_fail")


def test_a_conditional_failure_with_terms_ships_under_them(release: Workspace) -> None:
    release.gate_class.update(authority="conditional", on_failure=TERMS)
    release.fail(range(80))

    assert release.gate() == 0
    assert [part["condition"] for part in release.record["conditions"]] == TERMS


@pytest.mark.parametrize(
    ("authority", "changes", "status"),
    [
        pytest.param("block", {}, "not_applicable", id="on a block"),
        pytest.param("rollback_trigger", {}, "not_applicable", id="on a trigger"),
        pytest.param("conditional", {}, "unverified", id="unsigned"),
        pytest.param("conditional", {"signature": "c2lnbmVk"}, "unverified", id="not verified"),
        pytest.param(
            "conditional", {"expires_at": "2020-01-01T00:00:00Z"}, "expired", id="expired"
        ),
        pytest.param(
            "conditional", {"expires_at": "2099-01-01T00:00:00"}, "expired", id="without a zone"
        ),
    ],
)
def test_a_waiver_is_shown_and_lifts_nothing(
    release: Workspace, authority: str, changes: Row, status: str
) -> None:
    release.gate_class["authority"] = authority
    release.manifest["waivers"] = [WAIVER | changes]
    release.fail(range(80))

    record = hold(release, f"{authority}_fail")

    assert [waiver["status"] for waiver in record["waivers"]] == [status]


@pytest.mark.parametrize("field", ["owner", "reason", "expires_at", "subset"])
def test_a_waiver_without_owner_reason_or_end_is_refused(
    release: Workspace, capsys: pytest.CaptureFixture[str], field: str
) -> None:
    release.manifest["waivers"] = [{name: value for name, value in WAIVER.items() if name != field}]

    refuse(release, capsys, f"waivers[0].{field}: is missing")


@pytest.mark.parametrize("order", [(0.5, 0.05), (0.05, 0.5)])
def test_a_looser_margin_beside_a_tighter_one_loosens_nothing(
    release: Workspace, order: tuple[float, float]
) -> None:
    release.manifest["gate_classes"] = [
        {"subset": "core", "authority": "block", "margin": margin} for margin in order
    ]
    release.fail(range(5))

    record = hold(release, "block_fail")

    assert {rule["limit"] for rule in record["subsets"][0]["rules"]} == {-0.5, -0.05}


def test_a_weaker_class_beside_a_stronger_one_weakens_nothing(release: Workspace) -> None:
    release.manifest["gate_classes"] = [
        {"subset": "core", "authority": "signal", "margin": 0.5},
        {"subset": "core", "authority": "block", "margin": 0.05},
        {"subset": "core", "authority": "conditional", "margin": 0.05, "on_failure": TERMS},
    ]
    release.fail(range(80))

    record = hold(release, "block_fail")

    assert record["subsets"][0]["authority"] == "block"


def test_a_required_subset_without_a_gate_class_blocks(release: Workspace) -> None:
    release.subset("other", 100)
    release.manifest["required_eval_subsets"].append("other")
    release.fail(range(100, 180))

    hold(release, "block_fail")


@pytest.mark.parametrize("rule", [{}, {"min_cases": 1}])
def test_a_class_that_says_nothing_of_quality_gets_the_default_margin(
    release: Workspace, rule: Row
) -> None:
    release.manifest["gate_classes"] = [{"subset": "core", "authority": "block"} | rule]
    release.fail(range(80))

    record = hold(release, "block_fail")

    assert {"rule": "margin", "limit": -0.05}.items() <= record["subsets"][0]["rules"][0].items()


@pytest.mark.parametrize("wrong", [1, 5, 80])
def test_one_flipped_reply_more_than_allowed_holds(release: Workspace, wrong: int) -> None:
    release.manifest["gate_classes"] = [
        {"subset": "core", "authority": "block", "max_regressions": wrong - 1}
    ]
    release.fail(range(wrong))

    hold(release, "block_fail")


def test_a_release_that_nothing_can_stop_says_so(release: Workspace) -> None:
    release.gate_class["authority"] = "signal"
    release.fail(range(80))

    assert release.gate() == 0
    assert "nothing_can_block" in [finding["code"] for finding in release.record["findings"]]


def test_a_slice_that_regresses_is_named_though_its_subset_passes(release: Workspace) -> None:
    release.subset("wide", 100, 400)
    release.gate_class["subset"] = "wide"
    release.manifest["required_eval_subsets"] = ["wide"]
    for number, case in enumerate(release.cases["wide"]):
        case["slices"] = {"language": "de" if number < 20 else "en"}
    release.fail(range(100, 108))

    assert release.gate() == 0

    (wide,) = (part for part in release.record["subsets"] if part["id"] == "wide")
    assert {part["id"]: part["regressed"] for part in wide["slices"]} == {
        "language=de": True,
        "language=en": False,
    }
