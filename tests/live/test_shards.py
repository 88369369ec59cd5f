"""A run that several machines share gives what one machine gives."""

import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hitl.cli.door import main
from tests.cli.workspace import Row
from tests.live.arms import YES, Live, asked_of, forged
from tests.loopback.server import Loopback

SCRIPT = {
    "format": "hitl/script/v1",
    "resolved_model": "acme/model",
    "latency_ms": {"median": 1800, "spread": 0.2},
    "usd_per_1k_input": 0.0025,
    "usd_per_1k_output": 0.01,
}


@pytest.fixture
def server() -> Iterator[Loopback]:
    """Return a server that answers every question rightly."""
    with Loopback(rules=[YES]) as running:
        yield running


def in_parts(live: Live, of: int = 3, *options: str) -> list[Path]:
    """Ask each part; return the journals."""
    for number in range(1, of + 1):
        assert live.run("--shard", f"{number}/{of}", *options) == 0
    return [live.part(number, of) for number in range(1, of + 1)]


def merged(live: Live, *parts: Path) -> int:
    return live.run(*(word for part in parts for word in ("--merge", str(part))))


def without_time(record: Row) -> Row:
    """Leave out when and where it was made, and what a clock measured."""
    left_out = ("created_at", "environment", "evidence", "measures", "digest")
    return {name: value for name, value in record.items() if name not in left_out}


def test_three_parts_put_together_give_the_verdict_of_the_whole(
    live: Live, server: Loopback
) -> None:
    live.serve(server)
    parts = in_parts(live)
    assert sum(len(live.replies(part)) for part in parts) == 160

    assert merged(live, *parts) == 0
    assert len(asked_of(server)) == 160
    assert live.gate() == 0
    assert len(asked_of(server)) == 160
    in_three = live.record

    assert live.gate("--fresh") == 0
    assert len(asked_of(server)) == 320
    one, three = without_time(live.record), without_time(in_three)
    assert {name for name in one if one[name] != three[name]} <= {
        "previous_model",
        "candidate_model",
        "findings",
    }
    assert one["subsets"] == three["subsets"]
    for arm in ("previous_model", "candidate_model"):
        timed = {"oldest_reply", "newest_reply"}
        assert {n for n in one[arm] if one[arm][n] != three[arm][n]} <= timed, (
            one[arm],
            three[arm],
        )


def test_scripted_arms_in_parts_give_the_bytes_of_the_whole(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    root = Path(__file__).parents[2]
    release = str(root / "manifests/incident-triage/release.yaml")
    whole, parts = live.root / "whole", live.root / "parts"
    assert main(["run", release, "--out", str(whole)]) == 0
    words: list[str] = []
    for number in (1, 2, 3):
        out = live.root / f"machine-{number}"
        assert main(["run", release, "--out", str(out), "--shard", f"{number}/3"]) == 0
        words += ["--merge", str(out / f"triage-2026-05-18/run/journal-{number}-of-3.jsonl")]
    assert main(["run", release, "--out", str(parts), *words]) == 0

    replies = {arm: content(parts, arm) for arm in ("previous", "candidate")}
    assert replies == {arm: content(whole, arm) for arm in replies}

    found = []
    for out in (whole, parts):
        main(["gate", release, "--out", str(out)])
        found.append((out / "triage-2026-05-18/record.json").read_bytes())
    assert found[0] == found[1]


def content(out: Path, arm: str) -> bytes:
    return (out / f"triage-2026-05-18/evidence/{arm}.jsonl.gz").read_bytes()


def test_a_missing_part_is_told_with_the_calls_that_it_owes(
    live: Live, server: Loopback, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, third = in_parts(live.serve(server))
    missing = len(live.replies(third))
    capsys.readouterr()

    assert merged(live, first, second) == 12
    assert f"{missing} of 160 calls are in none of the journals" in capsys.readouterr().err
    assert merged(live, third) == 0
    assert len(live.answered()) == 160


def test_a_part_that_is_merged_twice_counts_once(
    live: Live, server: Loopback, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, third = in_parts(
        live.serve(server, both={"price": {"usd_per_1m_input": 1e4, "usd_per_1m_output": 1e4}})
    )
    capsys.readouterr()

    assert merged(live, first, first, second, third, first) == 0
    said = capsys.readouterr().err
    assert merged(live, first) == 0
    again = capsys.readouterr().err

    assert len(live.replies()) == 160
    cost = 0.11 * (160 + 6)  # each part made a probe of each arm
    assert f"{cost:.4f} USD so far" in said
    assert f"{cost:.4f} USD so far" in again
    assert live.gate() == 0
    assert live.record["subsets"][0]["n_cases"] == 80


def test_a_part_of_another_release_is_refused(
    live: Live, server: Loopback, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = in_parts(live.serve(server))
    live.manifest["release_id"] = "other"

    assert merged(live, *parts) == 2
    assert "release_id (upgrade then, other now)" in capsys.readouterr().err


def test_another_answer_to_the_same_call_is_refused(
    live: Live, server: Loopback, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, third = in_parts(live.serve(server))
    other = live.root / "other.jsonl"
    shutil.copy(first, other)
    forged(other, lambda row: row["reply"].update(text="no"), n=1)

    assert merged(live, first, other, second, third) == 2
    assert "holds another answer" in capsys.readouterr().err


def test_an_answer_takes_the_place_of_a_failed_call_whatever_the_order(
    live: Live, tmp_path: Path
) -> None:
    rules = [{"when": {"contains": "question 7", "first": 2}, "do": "400"}, YES]
    with Loopback(rules=rules) as server:
        live.serve(server).size(20)
        assert live.run("--shard", "1/1") == 0
        early = tmp_path / "early.jsonl"
        shutil.copy(live.part(1, 1), early)
        assert live.run("--shard", "1/1", "--retry-errors") == 0
        late = live.part(1, 1)

        assert merged(live, early) == 0
        assert len(live.answered()) == 38
        assert merged(live, late) == 0
        assert merged(live, early) == 0
        assert len(live.answered()) == 40
        assert live.gate() == 10  # 20 cases prove no margin of 5 points
        assert live.codes() == {"block_unmeasured"}


def test_a_part_that_was_asked_before_the_expectations_changed_says_so(
    live: Live, server: Loopback
) -> None:
    parts = in_parts(live.serve(server))
    live.expect({"must_include": ["yes"]})

    assert merged(live, *parts) == 0
    assert live.gate() == 0
    assert "golden_set_changed" in live.findings()


@pytest.mark.parametrize("words", ["0/3", "4/3", "1", "a/b", "1/3/5", "-1/3", ""])
def test_a_part_that_cannot_be_is_refused(
    live: Live, server: Loopback, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert live.serve(server).run(f"--shard={words}") == 2
    assert "expected k/n" in capsys.readouterr().err
    assert asked_of(server) == []


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"hello\n", b"\xff\xfe\x00", b'{"format":"hitl/journal/v9"}\n', None]
)
def test_what_is_no_journal_is_not_merged(
    live: Live, server: Loopback, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = live.root / "part.jsonl"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)

    assert merged(live.serve(server), path) == 2
    said = capsys.readouterr().err
    assert str(path) in said
    assert "Traceback" not in said
    assert content is None or path.read_bytes() == content


def test_a_part_that_does_not_exist_is_named(
    live: Live, server: Loopback, capsys: pytest.CaptureFixture[str]
) -> None:
    assert merged(live.serve(server), live.root / "none.jsonl") == 2
    assert "none.jsonl: no such journal" in capsys.readouterr().err
    assert not (live.root / "none.jsonl").exists()


def test_a_part_that_is_still_being_asked_is_refused(
    live: Live, server: Loopback, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = in_parts(live.serve(server))
    with parts[1].open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert merged(live, *parts) == 2
    assert "another run is writing" in capsys.readouterr().err


def test_the_journal_itself_is_no_part(
    live: Live, server: Loopback, capsys: pytest.CaptureFixture[str]
) -> None:
    assert live.serve(server).run() == 0
    before = live.journal.read_bytes()
    assert merged(live, live.journal) == 2
    assert "another run is writing" in capsys.readouterr().err
    assert live.journal.read_bytes() == before
