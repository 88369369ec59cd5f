"""Journals that were edited with checksums that fit, joined, cut or mixed: each is refused, or asked again, or holds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.workspace import Row
from tests.live.arms import NEW, OLD, YES, Live, asked_of, forged, summed
from tests.loopback.server import Loopback


@pytest.fixture
def server() -> Iterator[Loopback]:
    """Serve a candidate that is wrong in every third case."""
    wrong = {"when": {"model": NEW, "contains": "question", "every": 3}, "do": "text", "text": "no"}
    with Loopback(rules=[wrong, YES]) as running:
        yield running


@pytest.fixture
def asked(live: Live, server: Loopback) -> Live:
    """Return a release that was asked, and that holds."""
    assert live.serve(server).run() == 0
    return live


def lines(live: Live) -> list[bytes]:
    return live.journal.read_bytes().splitlines()


def put(live: Live, rows: list[bytes]) -> None:
    live.journal.write_bytes(b"\n".join(rows) + b"\n")


def swap(row: Row) -> None:
    row["lane"] = {"previous": "candidate", "candidate": "previous"}[row["lane"]]


def other_case(row: Row) -> None:
    row["reply"]["case_id"] = "c079" if row["reply"]["case_id"] != "c079" else "c078"


def other_repeat(row: Row) -> None:
    row["reply"]["repeat"] = 1


@pytest.mark.parametrize("change", [swap, other_case, other_repeat])
@pytest.mark.parametrize("n", [1, 160])
def test_a_reply_under_the_key_of_another_call_is_refused(
    asked: Live, change: object, n: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(change)
    assert forged(asked.journal, change, n) == n

    assert asked.gate() == 2
    assert "its key is that of another call" in capsys.readouterr().err
    assert not asked.record_path.exists()


def test_replies_that_are_copied_from_the_other_arm_hold(asked: Live, server: Loopback) -> None:
    good = {row["reply"]["case_id"]: row["reply"] for row in asked.replies() if row["lane"] == "previous"}  # fmt: skip

    def copy(row: Row) -> None:
        if row["lane"] == "candidate":
            row["reply"] = good[row["reply"]["case_id"]]

    assert forged(asked.journal, copy) == 80
    assert asked.gate() == 10
    assert asked.record["candidate_model"]["grade"] == "mismatch"


def no_text(row: Row) -> None:
    del row["reply"]["text"]


def no_case(row: Row) -> None:
    del row["reply"]["case_id"]


def no_key(row: Row) -> None:
    del row["key"]


def no_money(row: Row) -> None:
    row["charged"] = -1


def bad_time(row: Row) -> None:
    row["reply"]["at"] = "2026-11-21T03:43:27"


def bad_latency(row: Row) -> None:
    row["reply"]["latency_ms"] = "fast"


def unknown(row: Row) -> None:
    row["reply"]["grade"] = 5


def a_list(row: Row) -> None:
    row["reply"] = [1]


@pytest.mark.parametrize("change", [no_text, no_case, no_key, no_money, bad_time, bad_latency, unknown, a_list])  # fmt: skip
def test_a_line_that_hitl_never_wrote_is_refused(
    asked: Live, change: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(change)
    assert forged(asked.journal, change, 1) == 1

    assert asked.gate() == 2
    said = capsys.readouterr().err
    assert "its checksum fits, but hitl did not write it so" in said
    assert str(asked.journal) in said


def test_two_journals_joined_into_one_are_refused(
    asked: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    put(asked, lines(asked) * 2)

    assert asked.gate() == 2
    assert "put the journals of several parts together with --merge" in capsys.readouterr().err


def test_a_line_twice_counts_once(asked: Live, server: Loopback) -> None:
    rows = lines(asked)
    put(asked, rows + rows[3:])

    assert asked.gate() == 10
    assert asked.record["subsets"][0]["n_cases"] == 80
    assert asked.record["subsets"][0]["candidate"]["n"] == 80
    assert len(asked_of(server)) == 160


def test_lines_that_are_taken_out_are_asked_for_again(asked: Live, server: Loopback) -> None:
    wrong = [line for line in lines(asked) if b'"text":"no"' in line]
    put(asked, [line for line in lines(asked) if line not in wrong])

    asked.gate()
    assert len(wrong) > 20
    assert len(asked_of(server)) == 160 + len(wrong)
    assert len(asked.replies()) == 160


def test_an_edited_line_whose_checksum_does_not_fit_is_told(
    asked: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = asked.journal.read_bytes()
    asked.journal.write_bytes(whole.replace(b'"text":"no"', b'"text":"yes"'))

    assert asked.gate() == 2
    assert "the checksum does not fit" in capsys.readouterr().err


def test_evidence_that_is_changed_between_run_and_gate_is_written_anew(asked: Live) -> None:
    for file in (asked.folder / "evidence").iterdir():
        file.write_bytes(b"")

    assert asked.gate() == 10
    assert asked.record["subsets"][0]["candidate"]["n_passed"] == 80 - 26
    assert {row["lane"] for row in asked.replies()} == {"previous", "candidate"}


def test_a_journal_without_its_probes_has_them_made_again(live: Live) -> None:
    with Loopback(rules=[YES]) as server, Loopback(rules=[YES], drops=["temperature"]) as deaf:
        live.serve(server, both={"params": {"temperature": 0}}, base_url=deaf.openai_url)
        assert live.run() == 0
        put(live, [line for line in lines(live) if not line.startswith(b'{"probe"')])

        assert live.gate() == 10
        assert live.codes() == {"unequal_settings"}


def test_the_journal_of_another_release_is_refused(
    asked: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    other = asked.out / "other" / "run"
    other.mkdir(parents=True)
    (other / "journal.jsonl").write_bytes(asked.journal.read_bytes())
    asked.manifest["release_id"] = "other"

    assert asked.gate() == 2
    assert "release_id (upgrade then, other now)" in capsys.readouterr().err


def test_an_amount_that_is_none_is_refused(asked: Live, capsys: pytest.CaptureFixture[str]) -> None:
    put(asked, [*lines(asked), summed({"ceiling": -5}), lines(asked)[-1]])

    assert asked.gate() == 2
    assert "its checksum fits" in capsys.readouterr().err


def test_a_journal_that_is_a_folder_or_cannot_be_read_is_told(
    live: Live, server: Loopback, capsys: pytest.CaptureFixture[str]
) -> None:
    live.serve(server).journal.mkdir(parents=True)

    assert live.gate() == 2
    assert "not a regular file; move it away" in capsys.readouterr().err
    assert OLD not in str(list(Path(live.folder).rglob("*.json")))
