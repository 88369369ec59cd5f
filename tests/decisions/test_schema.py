import json
from enum import StrEnum
from typing import get_args

import pytest
from pydantic import ValidationError

from hitl.decisions.decision import Decision
from hitl.decisions.schema import BY_NAME, COLUMNS, Kind

GOOD = {
    "decision_id": "d1",
    "at": "2026-05-01T10:00:00Z",
    "lane": "queue",
    "human_action": "reject",
}


def test_a_decision_has_every_column_and_no_other() -> None:
    assert list(Decision.model_fields) == [column.name for column in COLUMNS]


def test_a_decision_knows_the_same_words_as_the_columns() -> None:
    for name, field in Decision.model_fields.items():
        words = [one for one in get_args(field.annotation) if isinstance(one, type) and issubclass(one, StrEnum)]  # fmt: skip
        assert BY_NAME[name].words == (tuple(words[0]) if words else ()), name


def test_every_column_says_what_it_is_for_and_what_its_absence_forbids() -> None:
    assert all(column.purpose and column.forbids and column.standard for column in COLUMNS)
    assert {column.name for column in COLUMNS if column.kind is Kind.WORD} == {
        "risk", "lane", "human_action", "outcome", "severity", "policy_outcome",
    }  # fmt: skip


def test_a_version_in_quotes_keeps_its_text() -> None:
    read = Decision.model_validate_json(json.dumps(GOOD | {"workflow_version": "1.10"}))

    assert read.workflow_version == "1.10"


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": "2026-05-01T10:00:00"},
        {"at": "1970-01-01T00:00:00Z"},
        {"confidence": 1e9},
        {"confidence": -0.01},
        {"human_action": "accept"},
        {"review_seconds": -1},
        {"review_seconds": 1e9},
        {"correct": "yes"},
        {"action_type": ""},
        {"resolved": "x"},
    ],
)
def test_a_decision_that_is_not_what_it_should_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Decision.model_validate_json(json.dumps(GOOD | wrong))
