from io import StringIO

import pytest
from rich.console import Console

from hitl.errors import UsageError
from hitl.record.release import ReleaseRecord
from hitl.render import numbers
from hitl.render.explain import explain
from hitl.render.terminal import print_record
from tests.render.sample_record import a_hold, a_hostile, a_revert, a_ship, an_unmeasured


def _printed(record: ReleaseRecord, width: int = 80) -> str:
    stream = StringIO()
    print_record(record, Console(file=stream, width=width, no_color=True))
    return stream.getvalue()


@pytest.mark.parametrize("record", [a_hold(), a_ship(), a_revert(), an_unmeasured()])
def test_the_verdict_is_a_word_on_the_first_line(record: ReleaseRecord) -> None:
    assert (
        f"{record.verdict.value.upper()}  {record.release_id}" in _printed(record).splitlines()[0]
    )


def test_every_subset_is_there_with_state_n_rates_and_interval() -> None:
    record = a_hold()
    text = _printed(record, width=120)

    for subset in record.subsets:
        row = next(line for line in text.splitlines() if line.strip().startswith(f"{subset.id} "))
        assert f" {subset.n_cases} " in row
        assert numbers.percent(subset.candidate.rate) in row
        assert subset.state.value in text
        assert numbers.points_range(subset.difference) in text


def test_nothing_is_wider_than_eighty_columns() -> None:
    assert max(map(len, _printed(a_hold()).splitlines())) <= 80
    assert max(map(len, _printed(a_hostile()).splitlines())) <= 80


def test_markup_of_a_model_is_not_read() -> None:
    assert "[bold red]markup[/bold red]" in " ".join(_printed(a_hostile(), width=400).split())


def test_without_colour_no_escape_is_written() -> None:
    assert "\x1b" not in _printed(a_hold())


def test_the_walk_goes_from_verdict_to_reply() -> None:
    text = explain(a_hold(), None, "thin-001")
    steps = [
        "HOLD",
        "block_failed",
        "FAIL  thin-evidence-escalation",
        "margin fail",
        "case thin-001",
        "restart the remaining",
    ]
    places = [text.index(step) for step in steps]

    assert places == sorted(places)
    assert "saw: escalation_required: false, expected true" in text
    assert "n = 180" in text


def test_the_walk_can_be_narrowed_to_a_subset() -> None:
    text = explain(a_hold(), "tool-suggestion-posture", None)

    assert "tool-01" in text
    assert "thin-001" not in text


@pytest.mark.parametrize(
    ("subset", "case", "expected"),
    [
        ("nope", None, "it has thin-evidence-escalation"),
        (None, "nope", "failed: thin-001"),
        ("tool-suggestion-posture", "thin-001", "failed: tool-01, tool-02, tool-03"),
    ],
)
def test_an_unknown_name_lists_the_known_ones(
    subset: str | None, case: str | None, expected: str
) -> None:
    with pytest.raises(UsageError, match=expected):
        explain(a_hold(), subset, case)
