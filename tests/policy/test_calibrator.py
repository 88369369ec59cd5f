"""A policy with a calibrator: confidence is worth what was seen, and that of any other model nothing."""

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitl.errors import DocumentError
from hitl.policy import Decision, Lane, Policy
from hitl.policy.advice.findings import advice_document
from hitl.policy.advice.parts import Code
from hitl.policy.calibrator import Calibrator
from hitl.policy.lint import lint_policy
from hitl.policy.load import calibrator_file
from hitl.policy.replay.fields import typed_fields
from hitl.policy.replay.over_log import replay_document
from tests.policy.policies import AT, a_decision, a_policy, a_type, one_type, some_parts
from tests.policy.replay_logs import a_replay, a_row, reviewed, write_rows
from tests.policy.test_lane import BROKEN_CONFIDENCES
from tests.policy.test_table import row_of

MODEL = "acme/model-2026-05-01"
ON = {"n": 500, "data_digest": "0" * 64, "at": "2026-06-01T00:00:00+00:00"}
HALVED: dict[str, Any] = {"method": "temperature", "parameters": {"temperature": 2.0}, "fitted_on": ON}  # fmt: skip
KEPT: dict[str, Any] = {"method": "none", "fitted_on": ON}
STEPS: dict[str, Any] = {
    "method": "isotonic",
    "parameters": {"scores": [0.2, 0.9], "values": [0.1, 0.95]},
    "fitted_on": ON,
}


def some_calibrator(**changes: object) -> dict[str, Any]:
    """Return a calibrator as it stands in a file, under which odds become their root; None takes a part away."""
    parts = {
        "format": "hitl/calibrator/v1",
        "version": "1",
        "model": MODEL,
        "all": HALVED,
    } | changes
    return {name: value for name, value in parts.items() if value is not None}


def a_calibrator(**changes: object) -> Calibrator:
    return Calibrator.model_validate_json(json.dumps(some_calibrator(**changes)))


def calibrated(**changes: object) -> Policy:
    """Return a policy with the one type `act` and a calibrator; odds of 16:1 are worth 4:1."""
    return one_type().model_copy(update={"calibrator": a_calibrator(**changes)})


def written(folder: Path, calibrator: object, **changes: object) -> Path:
    """Write a policy and the calibrator that it names, and return the policy's path."""
    (folder / "scores").mkdir(exist_ok=True)
    text = calibrator if isinstance(calibrator, str) else json.dumps(calibrator, indent=1)
    (folder / "scores" / "calibrator.json").write_text(text)
    path = folder / "policy.yaml"
    path.write_text(json.dumps(some_parts(calibrator="scores/calibrator.json", **changes)))
    return path


@pytest.mark.parametrize(
    ("confidence", "lane"),
    [
        # 0.85 is asked for: odds of 5.67, which are stated as 32.1, a confidence of 0.9698.
        pytest.param(0.9, "audit", id="0.9 is worth 0.75"),
        pytest.param(0.9697, "audit", id="just below"),
        pytest.param(0.9699, "auto", id="just above"),
        pytest.param(0.6, "queue", id="0.6 is worth 0.55"),
        pytest.param(0.7, "audit", id="0.7 is worth 0.604"),
        pytest.param(1.0, "auto", id="1 is worth 0.99"),
        pytest.param(0.0, "queue", id="0"),
    ],
)
def test_confidence_goes_through_the_calibrator_before_the_thresholds(
    confidence: float, lane: str
) -> None:
    found = calibrated().lane(a_decision(confidence=confidence))

    assert found.lane == lane
    assert "not_calibrated" not in found.reasons


@pytest.mark.parametrize(
    "model", [None, "", "acme/model-2026-05-18", "ACME/model-2026-05-01", 7, ["acme/model-2026-05-01"]]
)  # fmt: skip
def test_the_confidence_of_any_other_model_is_not_usable(model: object) -> None:
    changes: dict[str, Any] = {"resolved_model": model}

    found = calibrated().lane(a_decision(confidence=1.0, **changes))

    assert (found.lane, found.zone) == ("queue", "low_confidence")
    assert found.reasons == ("risk_matrix:low:low_confidence", "not_calibrated")


def test_even_a_matrix_that_runs_everything_sends_it_to_a_person() -> None:
    lax = {"high_confidence": "auto", "low_confidence": "auto"}
    policy = one_type(risk_matrix={"low": lax}).model_copy(update={"calibrator": a_calibrator()})

    assert policy.lane(a_decision()).lane == "auto"
    assert policy.lane(a_decision(resolved_model="another")).lane == "queue"


def test_a_type_without_a_map_goes_to_a_person() -> None:
    policy = calibrated(all=None, types={"other": HALVED})

    assert policy.lane(a_decision(confidence=1.0)).reasons[-1] == "not_calibrated"


def test_a_type_has_its_own_map_before_that_of_all() -> None:
    policy = calibrated(types={"act": KEPT})

    assert policy.lane(a_decision(confidence=0.85)).lane == "auto"


@pytest.mark.parametrize("confidence", BROKEN_CONFIDENCES, ids=lambda value: repr(value)[:20])
def test_a_broken_confidence_stays_broken_and_is_called_so(confidence: object) -> None:
    found = calibrated().lane(a_decision(confidence=confidence))

    assert found.lane == "queue"
    assert found.reasons[-1] == "no_confidence"


def test_rules_see_the_confidence_that_the_model_stated() -> None:
    rule = [{"when": "decision.confidence > 0.95", "risk": "critical"}]
    policy = one_type(dynamic_risk=rule).model_copy(update={"calibrator": a_calibrator()})

    assert policy.lane(a_decision(confidence=0.96)).lane == "escalate"
    assert policy.lane(a_decision(confidence=0.94)).lane == "audit"


ROWS = st.fixed_dictionaries(
    {
        "decision_id": st.sampled_from(["a", "b", None]),
        "action_type": st.sampled_from(["low", "high", "medium", "nope", None]),
        "confidence": st.one_of(st.floats(0, 1), st.sampled_from([0, 1, True, None, "0.9", 2.0])),
        "resolved_model": st.sampled_from([MODEL, MODEL, MODEL, "another", None, 5]),
        "amount": st.sampled_from([1, 50]),
    }
)
RULE = [{"when": "decision.amount > 10 && decision.confidence < 0.5", "risk": "high"}]


@pytest.mark.parametrize("rules", [[], RULE], ids=["plain", "rules"])
@pytest.mark.parametrize(
    "maps",
    [{}, {"types": {"high": STEPS, "low": KEPT}}, {"all": None, "types": {"low": STEPS}}],
    ids=["all", "types", "one type alone"],
)
@given(rows=st.lists(ROWS, min_size=1, max_size=30))
@settings(deadline=None)
def test_a_table_gives_what_its_rows_give_one_by_one(
    maps: dict[str, Any], rules: list[dict[str, str]], rows: list[dict[str, object]]
) -> None:
    policy = a_policy(dynamic_risk=rules).model_copy(update={"calibrator": a_calibrator(**maps)})
    columns = {name: [row[name] for row in rows] for name in rows[0]}

    found = policy.lanes(columns, AT)

    assert [row_of(found, place) for place in range(len(rows))] == [
        policy.lane(row, AT) for row in rows
    ]


def test_a_table_without_a_model_column_goes_to_people() -> None:
    columns: dict[str, Any] = {
        "decision_id": ["a", "b"], "action_type": ["act", "act"], "confidence": np.array([1.0, np.nan]),
    }  # fmt: skip

    found = calibrated().lanes(columns)

    assert found.lane.tolist() == [Lane.QUEUE, Lane.QUEUE]
    assert [reasons[-1] for reasons in found.reasons] == ["not_calibrated", "no_confidence"]


def test_a_log_is_read_with_its_model_column_where_a_policy_has_a_calibrator() -> None:
    assert "resolved_model" in typed_fields(calibrated().lane_rules)
    assert "resolved_model" not in typed_fields(one_type().lane_rules)


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from([HALVED, KEPT, STEPS]))
@settings(deadline=None)
def test_more_confidence_never_leads_to_a_stricter_lane(
    first: float, second: float, mapping: dict[str, Any]
) -> None:
    order = list(Lane)
    policy = calibrated(all=mapping)

    low, high = (policy.lane(a_decision(confidence=one)) for one in sorted([first, second]))

    assert order.index(high.lane) <= order.index(low.lane)


def test_confidences_are_given_their_worth_by_type() -> None:
    found = a_calibrator(types={"act": KEPT}).apply(
        np.array([0.8, 0.8, 0.8, np.nan, 3.0]), ["act", "other", None, "act", "act"]
    )

    assert found[:3] == pytest.approx([0.8, 2 / 3, 2 / 3])
    assert np.isnan(found[3:]).all()


def test_without_types_everything_goes_through_the_map_of_all() -> None:
    assert a_calibrator().apply(np.array([0.8])) == pytest.approx([2 / 3])
    assert np.isnan(a_calibrator(all=None, types={"act": KEPT}).apply(np.array([0.8]))).all()


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="2 confidences and 1 action types"):
        a_calibrator().apply(np.array([0.8, 0.9]), ["act"])


def test_a_digest_names_the_content_and_not_the_layout() -> None:
    same = Calibrator.model_validate_json(json.dumps(some_calibrator(), indent=7))

    assert same.digest == a_calibrator().digest
    assert a_calibrator(version="2").digest != a_calibrator().digest


class TestFiles:
    """What stands in files."""

    def test_a_policy_is_read_with_the_calibrator_beside_it(self, tmp_path: Path) -> None:
        path = written(tmp_path, some_calibrator())

        policy = Policy.load(path)

        assert policy.calibrator == a_calibrator()
        assert policy.lane(a_decision("low", 0.9)).lane == "audit"
        assert calibrator_file(path) == tmp_path / "scores" / "calibrator.json"

    def test_a_policy_without_one_has_none(self, tmp_path: Path) -> None:
        path = tmp_path / "policy.yaml"
        path.write_text(json.dumps(some_parts()))

        assert Policy.load(path).calibrator is None
        assert calibrator_file(path) is None

    def test_every_mistake_of_both_files_is_told(self, tmp_path: Path) -> None:
        spoilt = some_calibrator(all=HALVED | {"parameters": {"temperature": -1.0}}, colour="red")
        path = written(tmp_path, spoilt, colour="blue")

        with pytest.raises(DocumentError) as caught:
            Policy.load(path)

        told = [(Path(one.file).name, one.field) for one in caught.value.mistakes]
        assert sorted(told) == [
            ("calibrator.json", "all"), ("calibrator.json", "colour"), ("policy.yaml", "colour"),
        ]  # fmt: skip
        lines = {one.field: one.line for one in caught.value.mistakes if one.file != str(path)}
        assert lines == {"all": 5, "colour": 16}

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            pytest.param("{", "calibrator.json", id="no JSON"),
            pytest.param("{}", "expected `hitl/calibrator/v1`", id="another document"),
            pytest.param(some_calibrator(all=None), "no map at all", id="no map"),
            pytest.param(some_calibrator(model=None), "model: is missing", id="no model"),
            pytest.param(some_calibrator(all={"method": "magic", "fitted_on": ON}), "all.method", id="unknown method"),
            pytest.param(some_calibrator(all=HALVED | {"parameters": {}}), "expected temperature", id="no parameter"),
            pytest.param(some_calibrator(all=STEPS | {"parameters": {"scores": [0.1, 0.2], "values": [0.9, 0.1]}}), "must not fall", id="falls"),
            pytest.param(some_calibrator(types={"lwo": HALVED}), "unknown action type 'lwo'", id="unknown type"),
        ],
    )  # fmt: skip
    def test_a_calibrator_that_is_none_refuses_the_policy(
        self, tmp_path: Path, content: object, says: str
    ) -> None:
        with pytest.raises(DocumentError) as caught:
            Policy.load(written(tmp_path, content))

        assert says in str(caught.value)

    def test_an_unknown_type_is_told_with_its_line(self, tmp_path: Path) -> None:
        with pytest.raises(DocumentError) as caught:
            Policy.load(written(tmp_path, some_calibrator(types={"lwo": HALVED})))

        (mistake,) = caught.value.mistakes
        assert (Path(mistake.file).name, mistake.field, mistake.line > 5) == ("calibrator.json", "types.lwo", True)  # fmt: skip

    @pytest.mark.parametrize("named", ["nowhere.json", "", "."])
    def test_a_file_that_is_not_there_refuses_the_policy(self, tmp_path: Path, named: str) -> None:
        path = tmp_path / "policy.yaml"
        path.write_text(json.dumps(some_parts(calibrator=named)))

        with pytest.raises(DocumentError, match=r"no such file|not a regular file"):
            Policy.load(path)

    @pytest.mark.parametrize("named", [5, ["a.json"], some_calibrator(), True])
    def test_what_is_no_path_refuses_the_policy(self, tmp_path: Path, named: object) -> None:
        path = tmp_path / "policy.yaml"
        path.write_text(json.dumps(some_parts(calibrator=named)))

        with pytest.raises(DocumentError, match="expected the path of a calibrator file"):
            Policy.load(path)


def test_a_path_that_nobody_followed_is_no_calibrator() -> None:
    with pytest.raises(ValueError, match="calibrator"):
        Policy.model_validate_json(json.dumps(some_parts(calibrator="calibrator.json")))


@pytest.mark.parametrize(
    "copied",
    [
        pytest.param(lambda policy: pickle.loads(pickle.dumps(policy)), id="pickled"),  # noqa: S301
        pytest.param(copy.deepcopy, id="copied deeply"),
        pytest.param(lambda policy: Policy.model_validate_json(policy.model_dump_json()), id="written and read"),
    ],
)  # fmt: skip
def test_a_policy_that_was_used_can_be_copied(copied: Callable[[Policy], Policy]) -> None:
    policy = calibrated(types={"act": STEPS})
    found = policy.lane(a_decision())

    other = copied(policy)

    assert other == policy
    assert other.lane(a_decision()) == found
    assert copied(policy).calibrator == policy.calibrator


def test_a_copy_without_the_calibrator_takes_confidence_at_its_word() -> None:
    policy = calibrated()
    assert policy.lane(a_decision(confidence=0.9)).lane == "audit"

    assert policy.model_copy(update={"calibrator": None}).lane(a_decision()).lane == "auto"


def test_the_schema_asks_for_a_path() -> None:
    field = Policy.model_json_schema()["properties"]["calibrator"]

    assert field["anyOf"] == [{"type": "string"}, {"type": "null"}]


def test_lint_says_for_which_model_and_for_which_types_confidence_is_usable() -> None:
    types = {"act": a_type(), "other": a_type()}
    calibrator = a_calibrator(all=None, types={"act": HALVED})
    policy = a_policy(action_types=types).model_copy(update={"calibrator": calibrator})

    found = {one.code: one for one in lint_policy(policy.lane_rules, AT)}

    assert MODEL in found["calibrated_for_one_model"].message
    assert found["type_not_calibrated"].at == ("action_types", "other")


def test_advice_does_not_compare_stated_confidence_with_calibrated_thresholds(
    tmp_path: Path,
) -> None:
    rows = [reviewed(f"d{i}", confidence=0.9) for i in range(40)]

    with a_replay(write_rows(tmp_path / "log.jsonl", rows), calibrated()) as found:
        advice = advice_document(found)

    (one,) = [one for one in advice.findings if one.code is Code.THRESHOLD_UNSUPPORTED]
    assert (one.finding, "calibrator" in one.reason) == ("unmeasured", True)


def test_a_replay_sends_decisions_of_other_models_to_people(tmp_path: Path) -> None:
    rows = [a_row("d1", confidence=0.99, resolved_model=MODEL),
            a_row("d2", confidence=0.99, resolved_model="another"), a_row("d3", confidence=0.99)]  # fmt: skip

    with a_replay(write_rows(tmp_path / "log.jsonl", rows), calibrated()) as found:
        (tally,) = replay_document(found).policies

    assert (tally.lanes["auto"], tally.lanes["queue"]) == (1, 2)


def test_a_decision_built_by_hand_may_hold_anything_as_its_model() -> None:
    odd = Decision("d", "act", 1.0, resolved_model=object())  # type: ignore[arg-type]  # hostile value

    assert calibrated().lane(odd).reasons[-1] == "not_calibrated"
