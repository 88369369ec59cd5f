import pytest

from tests.cli.workspace import Workspace, refuse

CLASS = {"subset": "core", "authority": "block"}


def test_every_mistake_of_a_manifest_is_told_at_once(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.manifest.update(stage="prod", change_surface="vibes", nope=1, repeats="3")
    release.manifest["candidate_model"]["provider"] = "oai"
    release.gate_class.update(authority="veto", margn=0.1)
    del release.manifest["route_id"]

    said = refuse(release, capsys, "release.yaml:")

    for field in (
        "stage: ",
        "change_surface: ",
        "nope: is not a field",
        "repeats: ",
        "candidate_model.provider: ",
        "gate_classes[0].authority: ",
        "gate_classes[0].margn: is not a field",
        "route_id: is missing",
    ):
        assert field in said


def test_names_that_stand_for_nothing_are_told_at_once(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.manifest["required_eval_subsets"].append("ghost-a")
    release.manifest["gate_classes"].append({"subset": "ghost-b", "authority": "block"})
    release.manifest["expected_deltas"] = [
        {"measure": "pass_rate", "subset": "ghost-c", "direction": "up"}
    ]
    release.manifest["waivers"] = [
        {
            "subset": "ghost-d",
            "owner": "Jane",
            "reason": "accepted for one week",
            "expires_at": "2099-01-01T00:00:00Z",
        }
    ]
    release.manifest["workflow_id"] = "other"

    refuse(release, capsys, "ghost-a", "ghost-b", "ghost-c", "ghost-d", "'other'")


REQUIRED = [
    "format",
    "release_id",
    "workflow_id",
    "route_id",
    "change_surface",
    "release_owner",
    "golden_set",
    "previous_model",
    "candidate_model",
    "required_eval_subsets",
    "gate_classes",
    "rollout_scope",
    "rollback_rule",
    "trace_fields",
]


@pytest.mark.parametrize("field", REQUIRED)
def test_a_required_field_of_a_manifest_cannot_be_left_out(
    release: Workspace, capsys: pytest.CaptureFixture[str], field: str
) -> None:
    del release.manifest[field]

    refuse(release, capsys, f"{field}: ", "missing")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"format": "hitl/release/v2"}, id="format of tomorrow"),
        pytest.param({"format": "hitl/golden-set/v1"}, id="format of another document"),
        pytest.param({"required_eval_subsets": []}, id="nothing required"),
        pytest.param({"gate_classes": []}, id="no gate class"),
        pytest.param({"trace_fields": []}, id="no trace field"),
        pytest.param({"confidence": 0.5}, id="a coin toss"),
        pytest.param({"confidence": 1.0}, id="certainty"),
        pytest.param({"confidence": 0.9999999999999999}, id="almost certainty"),
        pytest.param({"confidence": "0.95"}, id="confidence as text"),
        pytest.param({"repeats": 0}, id="no repeat"),
        pytest.param({"limits": {"max_missing": 1.1}}, id="more missing than there is"),
        pytest.param({"limits": {"max_missing": -0.1}}, id="less missing than nothing"),
        pytest.param({"seed": -1}, id="a negative seed"),
        pytest.param({"gate_classes": [CLASS | {"margin": 0}]}, id="margin 0"),
        pytest.param({"gate_classes": [CLASS | {"margin": 1}]}, id="margin 1"),
        pytest.param({"gate_classes": [CLASS | {"margin": -0.1}]}, id="negative margin"),
        pytest.param({"gate_classes": [CLASS | {"margin": True}]}, id="margin true"),
        pytest.param({"gate_classes": [CLASS | {"margin": "0.05"}]}, id="margin as text"),
        pytest.param({"gate_classes": [CLASS | {"max_regressions": -1}]}, id="negative count"),
        pytest.param({"gate_classes": [CLASS | {"max_regressions": 0.5}]}, id="half a case"),
        pytest.param({"gate_classes": [CLASS | {"max_ratio": 1.2}]}, id="limit without metric"),
        pytest.param({"gate_classes": [CLASS | {"metric": "latency_ms"}]}, id="metric, no limit"),
        pytest.param({"gate_classes": [CLASS | {"statistic": "p95"}]}, id="statistic, no metric"),
        pytest.param({"gate_classes": [CLASS | {"on_failure": [{"a": 1}]}]}, id="block's terms"),
    ],
)
def test_a_manifest_that_asks_for_the_impossible_is_refused(
    release: Workspace, capsys: pytest.CaptureFixture[str], changes: dict[str, object]
) -> None:
    release.manifest.update(changes)

    refuse(release, capsys, f"{next(iter(changes))}")


@pytest.mark.parametrize("condition", [{}, {"force_review": None}, {"force_review": False}])
def test_a_condition_that_asks_for_nothing_lifts_nothing(
    release: Workspace, capsys: pytest.CaptureFixture[str], condition: dict[str, object]
) -> None:
    release.gate_class.update(authority="conditional", on_failure=[condition])
    release.fail(range(80))

    refuse(release, capsys, "asks for nothing")


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param({"equal": "yes"}, id="unknown rule"),
        pytest.param({"equals": "yes", "nope": 1}, id="unknown key"),
        pytest.param({}, id="nothing"),
        pytest.param({"field": "a"}, id="a field and nothing asked of it"),
        pytest.param({"must_include": []}, id="an empty list"),
        pytest.param({"must_not_include": []}, id="an empty list of banned words"),
        pytest.param({"one_of": []}, id="no choice"),
        pytest.param({"tool_calls": {}}, id="no tool rule"),
        pytest.param({"matches": "("}, id="a broken expression"),
        pytest.param({"matches": "(?=x)"}, id="an expression that is not linear"),
        pytest.param({"field": "a", "type": "int"}, id="unknown type"),
        pytest.param({"field": "a", "equals": 1, "parse": "loose"}, id="unknown parse"),
        pytest.param({"json_schema": "none.json"}, id="no schema file"),
        pytest.param({"json_schema": {"type": "nonsense"}}, id="a broken schema"),
        pytest.param({"outcome": "fine"}, id="unknown outcome"),
        pytest.param({"label": "a"}, id="a label and nothing asked of it"),
        pytest.param({"label": "a", "equals": None}, id="a null grade"),
        pytest.param({"similar_to": "yes"}, id="no threshold"),
        pytest.param({"similar_to": "yes", "at_least": 2}, id="a threshold out of reach"),
        pytest.param({"rule": "nope > 1"}, id="unknown name"),
        pytest.param({"rule": "reply."}, id="a broken rule"),
        pytest.param({"judge": "none", "at_least": 1}, id="no rubric"),
        pytest.param({"python": "no colon"}, id="no function"),
        pytest.param({"latency_ms": {"at_most": -1}}, id="a negative limit"),
        pytest.param({"latency_ms": {}}, id="no limit"),
        pytest.param({"posture": "write"}, id="unknown posture"),
    ],
)
def test_an_expectation_that_cannot_be_used_is_refused(
    release: Workspace, capsys: pytest.CaptureFixture[str], rule: dict[str, object]
) -> None:
    release.cases["core"][3]["expect"] = [rule]

    refuse(release, capsys, "expect[0]" if rule != {"json_schema": "none.json"} else "none.json")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"severity": "awful"}, "severity"),
        ({"outcome": "fine"}, "outcome"),
        ({"slices": {"region": 1.5, "lang": None}}, "slices.lang"),
        ({"zero_tolerance": "yes"}, "zero_tolerance"),
        ({"expected": "x"}, "expected"),
        ({"id": "a\x1b[31mb"}, "id"),
        ({"id": ""}, "id"),
        ({"provenance": {"incident": "INC-1", "by": "x"}}, "provenance.by"),
    ],
)
def test_a_case_with_an_unknown_word_is_refused_with_its_line(
    release: Workspace,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, object],
    field: str,
) -> None:
    release.cases["core"][3].update(changes)

    refuse(release, capsys, f"core.jsonl:4: {field}")


def test_a_repeated_id_names_both_places(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.cases["core"].append(release.cases["core"][0])

    refuse(release, capsys, "core.jsonl:81: id: ", "core.jsonl:1)")


def test_two_subsets_with_one_id_are_refused(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.golden["subsets"].append({"id": "core", "cases": []})

    refuse(release, capsys, "two subsets have this id")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"finish": "done"}, "finish"),
        ({"latency_ms": -1}, "latency_ms"),
        ({"latency_ms": "12"}, "latency_ms"),
        ({"confidence": 1.5}, "confidence"),
        ({"repeat": -1}, "repeat"),
        ({"repeat": 0.5}, "repeat"),
        ({"output_tokens": 1.5}, "output_tokens"),
        ({"tool_calls": [{"arguments": {}}]}, "tool_calls[0].name"),
        ({"at": "yesterday"}, "at"),
        ({"model": "x"}, "model"),
    ],
)
def test_a_reply_with_an_unknown_word_is_refused_with_its_line(
    release: Workspace,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, object],
    field: str,
) -> None:
    release.candidate[6].update(changes)

    refuse(release, capsys, f"candidate.jsonl:7: {field}: ")


def test_a_key_that_stands_twice_is_refused(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.gate_class["note"] = 1
    text = release.write().read_text()

    release.manifest = {}
    release.write().write_text(text.replace('"note": 1', '"margin": 0.5'))

    from hitl.cli.door import main

    assert main(["gate", str(release.root / "release.yaml"), "--out", str(release.out)]) == 2
    assert "the key stands twice" in capsys.readouterr().err
