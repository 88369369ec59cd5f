from pathlib import Path

import pytest
from junitparser import Failure, JUnitXml, Skipped, TestSuite

from hitl.record.release import ReleaseRecord
from hitl.render.junit import render_junit
from tests.render.sample_record import a_hold, a_hostile, a_ship, an_unmeasured


def _suites(record: ReleaseRecord) -> dict[str, TestSuite]:
    return {suite.name: suite for suite in JUnitXml.fromstring(render_junit(record))}


def _result(suite: TestSuite, name: str) -> object:
    case = next(case for case in suite if case.name == name)
    return case.result[0] if case.result else None


@pytest.mark.parametrize("record", [a_hold(), a_ship(), an_unmeasured(), a_hostile()])
def test_a_reader_of_junit_accepts_it(record: ReleaseRecord, tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    file.write_text(render_junit(record), encoding="utf-8")

    read = JUnitXml.fromfile(str(file))

    assert {suite.name for suite in read} == {"release", *(subset.id for subset in record.subsets)}
    properties = {part.name: part.value for suite in read for part in suite.properties()}  # type: ignore[no-untyped-call]
    assert properties["verdict"] == record.verdict.value
    assert properties["digest"] == record.digest


def test_states_become_results_by_authority() -> None:
    suites = _suites(a_hold())
    block = suites["thin-evidence-escalation"]

    assert isinstance(_result(block, "rule margin"), Failure)
    assert _result(block, "rule zero_tolerance") is None
    assert isinstance(_result(block, "case thin-001"), Failure)
    assert isinstance(_result(suites["tool-suggestion-posture"], "rule margin"), Failure)
    assert isinstance(_result(suites["structured-output-semantics"], "case shape-9"), Skipped)


def test_what_was_not_measured_is_not_green() -> None:
    result = _result(_suites(an_unmeasured())["thin-evidence-escalation"], "gate block")

    assert isinstance(result, Failure)
    assert result.type == "unmeasured"


def test_every_failed_case_is_a_test_case() -> None:
    record = a_hold()
    names = {case.name for suite in _suites(record).values() for case in suite}

    assert {f"case {failure.case_id}" for failure in record.failures} <= names


def test_a_ship_fails_nothing() -> None:
    assert JUnitXml.fromstring(render_junit(a_ship())).failures == 0


def test_controls_become_visible_code_points() -> None:
    text = render_junit(a_hostile())

    assert "⟨U+0000⟩⟨U+000B⟩⟨U+FFFE⟩" in text
    assert not any(mark in text for mark in "\x00\x0b\x1b\ufffe")
