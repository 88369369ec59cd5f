import re
from io import StringIO

import pytest
from rich.console import Console

from hitl.recalibrate.parts import Recalibration
from hitl.recalibrate.words import Direction, State
from hitl.render.recalibration.terminal import print_recalibration
from tests.render.sample_recalibration import (
    DIFF,
    HOSTILE_DIFF,
    a_hostile_recalibration,
    a_recalibration,
    a_recalibration_of_thirty,
    a_type,
    an_empty_recalibration,
)


def _printed(document: Recalibration, diff: str = "", *, colour: bool = False) -> str:
    stream = StringIO()
    console = Console(file=stream, width=80, force_terminal=colour, color_system="standard" if colour else None)  # fmt: skip
    print_recalibration(document, console, diff)
    return stream.getvalue()


def _flat(text: str) -> str:
    return " ".join(text.split())


def test_a_row_tells_threshold_direction_error_counts_share_and_hours() -> None:
    printed = _printed(a_recalibration())
    start = printed.index("annotate_incident ")
    row = _flat(printed[start : printed.index("route_to_team", start)])

    for text in ("0.85", "→ 0.78", "▲ may gain", "0.9 %", "at most 1.9 %", "21 of 2,218 wrong", "42.4", "→ 55.4 %", "46.1", "→ 35.6"):  # fmt: skip
        assert text in row


def test_every_type_without_a_certificate_has_its_reason() -> None:
    document = a_recalibration()
    said = _flat(_printed(document))
    reasons = said[said.index("Without a certificate") :]

    for one in document.types:
        if one.certificate is None:
            assert f"{one.action_type}: {one.reason[0].upper()}{one.reason[1:]}." in reasons
    assert said.count("1,912") == 1


def test_an_error_at_the_threshold_in_force_is_not_taken_for_a_certified_one() -> None:
    printed = _printed(a_recalibration(a_type("hold", State.UNCERTIFIED, 0.9, "never", Direction.LOSES)))  # fmt: skip

    assert "at most 1.0 %" in printed
    assert "as it is" in printed
    table = printed[printed.index("Action type") : printed.index("Without a certificate")]
    assert "wrong" not in table


def test_confidence_simulation_suggestions_and_notes_are_told() -> None:
    said = _flat(_printed(a_recalibration()))

    assert "all action types: Calibration error 0.041" in said
    assert "says the same of nearly everything (97.0 % of it)" in said
    assert (
        "4,000 fixed sequence 3.0 % (1.0 to 6.0 %) 93.0 % 43.0 of 60.0 % naive 55.0 % (53.0 to 58.0 %)"
        in said
    )
    assert "4 reviewers of triage rated the candidate" in said
    assert "reviewers found 74.1 % of planted errors" in said


def test_the_diff_is_printed_line_for_line_and_no_line_is_broken() -> None:
    long = DIFF + "+" + "x" * 300 + "\n"
    printed = _printed(a_recalibration(), long)

    assert long.rstrip("\n") in printed


def test_added_and_removed_lines_have_their_colours() -> None:
    printed = _printed(a_recalibration(), DIFF, colour=True)

    assert '\x1b[31m-version: "4"\x1b[0m' in printed
    assert '\x1b[32m+version: "5"\x1b[0m' in printed


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(a_recalibration(), id="rich"),
        pytest.param(an_empty_recalibration(), id="empty"),
        pytest.param(a_hostile_recalibration(), id="hostile"),
        pytest.param(a_recalibration_of_thirty(), id="thirty"),
        pytest.param(a_recalibration().model_copy(update={"types": ()}), id="no types"),
    ],
)
def test_nothing_that_a_log_says_repaints_the_terminal(document: Recalibration) -> None:
    printed = _printed(document, HOSTILE_DIFF)

    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", printed)
    table = printed[printed.find("Action type") : printed.find("Without a certificate")]
    assert all(len(line) <= 80 for line in table.splitlines())


def test_without_a_diff_no_change_is_announced() -> None:
    assert "The change of the policy" not in _printed(a_recalibration())
    assert "The change of the policy" in _printed(a_recalibration(), DIFF)


def test_without_a_certificate_the_first_lines_promise_nothing() -> None:
    kept = a_type("hold", State.UNCERTIFIED, 0.9, 0.9, Direction.KEEPS)
    printed = _printed(a_recalibration(kept))

    assert printed.splitlines()[1].startswith("Nothing is promised")


def test_a_narrow_terminal_loses_no_number() -> None:
    stream = StringIO()
    print_recalibration(a_recalibration(), Console(file=stream, width=40))
    printed = stream.getvalue()

    for text in ("21 of 2,218 wrong", "at most 1.9 %", "→ 55.4 %", "→ 35.6", "3.0 % (1.0 to 6.0 %)", "43.0 of 60.0 %"):  # fmt: skip
        assert text in printed
