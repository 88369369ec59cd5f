import json
from collections import Counter

from hitl.render.github import MOST_OF_A_LEVEL, render_github
from hitl.render.sarif import MOST_CASES, render_sarif
from hitl.render.view import View, render
from tests.render.sample_record import a_hold, a_hold_with, a_hostile, a_ship


def test_a_held_release_is_an_error_and_a_shipped_one_a_notice() -> None:
    assert render_github(a_hold()).startswith(
        "::error title=hitl hold%3A atlas-2026-11::thin-evidence-escalation fails"
    )
    assert render_github(a_ship()).startswith("::notice title=hitl ship%3A atlas-2026-11::")
    assert "::error" not in render_github(a_ship())


def test_no_level_has_more_than_ten_and_the_last_counts_the_rest() -> None:
    lines = render_github(a_hold()).splitlines()
    levels = Counter(line.split(" ")[0] for line in lines)

    assert max(levels.values()) == MOST_OF_A_LEVEL
    assert lines[-1] == "::notice title=hitl::20 more are in the release record"


def test_hostile_text_forges_no_command() -> None:
    lines = render_github(a_hostile()).splitlines()

    assert all(
        line.startswith(("::error title=", "::warning title=", "::notice title=")) for line in lines
    )
    assert not any("\x1b" in line or "\r" in line for line in lines)
    assert any("forged%250A" in line for line in lines)
    for line in lines:
        title = line.split("title=", 1)[1].split("::", 1)[0]
        assert ":" not in title
        assert "," not in title


def test_sarif_has_a_result_for_every_reason_and_every_failed_case() -> None:
    record = a_hold()
    run = json.loads(render_sarif(record))["runs"][0]

    assert len(run["results"]) == len(record.reasons) + len(record.failures)
    assert {result["ruleId"] for result in run["results"]} <= {
        rule["id"] for rule in run["tool"]["driver"]["rules"]
    }
    levels = {
        result["ruleId"]: result["level"]
        for result in run["results"]
        if "case" not in result["ruleId"]
    }
    assert levels == {
        "hitl/block_failed": "error",
        "hitl/conditional_undecided": "warning",
        "hitl/rollback_unmeasured": "error",
        "hitl/signal_moved": "note",
    }
    assert run["properties"]["verdict"] == "hold"
    assert run["invocations"][0]["exitCode"] == 10


def test_sarif_is_capped_and_says_so() -> None:
    run = json.loads(render_sarif(a_hold_with(MOST_CASES + 5, "x")))["runs"][0]

    assert run["properties"]["failedCasesLeftOut"] == 5


def test_every_view_can_be_named() -> None:
    for view in View:
        assert "atlas-2026-11" in render(a_hold(), view)
