import json
import multiprocessing
import os
import resource
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from hitl.errors import DocumentError, EvidenceError, UsageError
from hitl.run.journal.disk import SteadySync
from hitl.run.journal.file import Journal, _checksum, read_header
from hitl.run.journal.line import Header, ProbeLine
from hitl.run.reply import Reply


def a_header(**settings: str) -> Header:
    return Header(release_id="r", settings={"candidate_model": "a"} | settings, golden_set="g")


def a_reply(case: str, text: str = "yes") -> Reply:
    return Reply(case_id=case, text=text)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a journal of three replies stands."""
    path = tmp_path / "run" / "journal.jsonl"
    with Journal(path, a_header()) as journal:
        for number in range(3):
            journal.keep(
                f"k{number}", "candidate", a_reply(f"c{number}", f"answer {number} é"), 0.5
            )
    return path


def texts(path: Path) -> dict[str, str | None]:
    with Journal(path, a_header()) as journal:
        return {key: journal.reply(key).text for key in journal.places}


def test_what_was_kept_is_there_when_the_journal_is_opened_again(path: Path) -> None:
    assert texts(path) == {f"k{n}": f"answer {n} é" for n in range(3)}


def test_replies_come_in_the_order_of_their_cases_and_repeats(tmp_path: Path) -> None:
    with Journal(tmp_path / "j", a_header()) as journal:
        for case, repeat in (("b", 1), ("a", 0), ("b", 0)):
            journal.keep(
                f"{case}{repeat}", "candidate", Reply(case_id=case, repeat=repeat, text="x"), 0
            )
        journal.keep("other", "previous", a_reply("a"), 0)

        found = [(r.case_id, r.repeat) for r in journal.replies("candidate", {"b": 0, "a": 1})]

    assert found == [("b", 0), ("b", 1), ("a", 0)]


@pytest.mark.parametrize("cut", [1, 2, 10, 40, 100])
def test_a_torn_last_line_is_cut_off_and_nothing_else_is_lost(path: Path, cut: int) -> None:
    os.truncate(path, path.stat().st_size - cut)

    with Journal(path, a_header()) as journal:
        assert set(journal.places) == {"k0", "k1"}
        assert journal.cut > 0
        journal.keep("k2", "candidate", a_reply("c2"), 0)

    assert set(texts(path)) == {"k0", "k1", "k2"}


def test_every_byte_at_which_a_line_can_be_torn_leaves_the_lines_before_it(path: Path) -> None:
    whole = path.read_bytes()
    start = whole.rstrip(b"\n").rfind(b"\n") + 1

    for end in range(start, len(whole)):
        path.write_bytes(whole[:end])
        assert set(texts(path)) == {"k0", "k1"}, end


def test_damage_before_good_lines_is_told_with_its_line(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b"answer", b"ANSWER")
    path.write_bytes(b"".join(lines))

    with (
        pytest.raises(DocumentError, match=r"journal\.jsonl:3: the checksum does not fit"),
        Journal(path, a_header()),
    ):
        pass
    assert path.read_bytes() == b"".join(lines)


def test_another_setting_is_refused_by_name_and_nothing_is_written(path: Path) -> None:
    before = path.read_bytes()

    with (
        pytest.raises(UsageError, match=r"candidate_model.*--fresh"),
        Journal(path, a_header(candidate_model="b")),
    ):
        pass
    assert path.read_bytes() == before


def test_a_second_writer_is_refused_while_the_first_writes(path: Path) -> None:
    with (
        Journal(path, a_header()),
        pytest.raises(UsageError, match="another run is writing"),
        Journal(path, a_header()),
    ):
        pass


@pytest.mark.parametrize(
    "content", [b"\n", b"hello\n", b'{"format":"hitl/journal/v9"}\n', b"\x00" * 50]
)
def test_a_file_that_is_no_journal_is_refused_and_left_alone(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(content)

    with pytest.raises(DocumentError), Journal(path, a_header()):
        pass
    assert path.read_bytes() == content


def test_money_that_a_crash_lost_sight_of_counts_as_spent(path: Path) -> None:
    with Journal(path, a_header()) as journal:
        assert journal.spent == 1.5
        journal.keep_ceiling(4.0)

    with Journal(path, a_header()) as journal:
        assert journal.spent == 4.0
        journal.keep_ceiling(1.5)

    with Journal(path, a_header()) as journal:
        assert journal.spent == 1.5


def test_probes_are_kept_with_their_cost(path: Path) -> None:
    probe = ProbeLine(lane="candidate", resolved_model="m", dropped=("temperature",), charged=0.25)
    with Journal(path, a_header()) as journal:
        journal.keep_probe(probe)

    with Journal(path, a_header()) as journal:
        assert journal.probes == [probe]
        assert journal.spent == 1.75


def test_a_disk_that_refuses_is_told_with_what_is_kept(tmp_path: Path) -> None:
    full = tmp_path / "journal.jsonl"
    with Journal(full, a_header()) as journal:
        os.close(journal._file)
        journal._file = os.open("/dev/full", os.O_RDWR)
        with pytest.raises(EvidenceError, match="make room and run the same command again"):
            journal.keep("k", "candidate", a_reply("c"), 0)
        os.close(journal._file)
        journal._file = os.open(full, os.O_RDWR)


def test_the_header_can_be_read_alone(path: Path) -> None:
    assert read_header(path) == a_header()


def _write_until_killed(path: str, first: int) -> None:
    with Journal(Path(path), a_header()) as journal:
        number = first
        while True:
            journal.keep(f"k{number}", "candidate", a_reply(f"c{number}", "x" * (number % 5000)), 0)
            number += 1


def test_twenty_kills_at_random_moments_lose_no_line_that_was_written(tmp_path: Path) -> None:
    path, chance, kept = tmp_path / "journal.jsonl", np.random.default_rng(3), 0
    spawn = multiprocessing.get_context("fork")
    for _ in range(20):
        writer = spawn.Process(target=_write_until_killed, args=(str(path), kept))
        writer.start()
        writer.join(0.02 + chance.random() * 0.05)
        writer.kill()
        writer.join()

        with Journal(path, a_header()) as journal:
            keys = list(journal.places)
        assert keys == [f"k{n}" for n in range(len(keys))]
        assert len(keys) >= kept
        kept = len(keys)
    assert kept > 100
    assert all(json.loads(line) for line in path.read_bytes().splitlines())


def test_a_later_answer_to_the_same_call_counts_and_the_earlier_one_is_counted(path: Path) -> None:
    with Journal(path, a_header()) as journal:
        journal.keep("bad", "candidate", Reply(case_id="c9", error="timeout: 60 s"), 0)
        journal.forget("bad")
        journal.forget("k1")
        journal.keep("bad", "candidate", a_reply("c9", "at last"), 0)
        journal.keep("k1", "candidate", a_reply("c1", "anew"), 0)
        assert journal.replaced == {"failed": 1, "answered": 1}

    with Journal(path, a_header()) as journal:
        assert journal.replaced == {"failed": 1, "answered": 1}
        assert journal.reply("k1").text == "anew"
        assert journal.reply("bad").text == "at last"


def test_half_a_line_on_a_full_disk_does_not_spoil_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path, a_header()) as journal:
        journal.keep("k0", "candidate", a_reply("c0"), 0)
        size = path.stat().st_size
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 30, hard))
        try:
            with pytest.raises(EvidenceError, match="make room"):
                journal.keep("k1", "candidate", a_reply("c1", "x" * 500), 0)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, before)
        journal.keep_ceiling(7.0)

    with Journal(path, a_header()) as journal:
        assert (set(journal.places), journal.spent, journal.cut) == ({"k0"}, 7.0, 0)


def test_a_disk_that_refused_a_batch_is_told_at_the_end(tmp_path: Path) -> None:
    read, write = os.pipe()  # fsync of a pipe is refused
    sync = SteadySync(write)
    sync.note()
    while sync._failure is None:
        time.sleep(0.01)

    with pytest.raises(OSError, match="Invalid argument"):
        sync.close()
    os.close(read)
    os.close(write)


def test_a_header_that_was_torn_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path, a_header()):
        pass
    os.truncate(path, path.stat().st_size - 20)

    with Journal(path, a_header()) as journal:
        journal.keep("k", "candidate", a_reply("c"), 0)
    assert set(texts(path)) == {"k"}


@pytest.mark.parametrize(
    "line",
    [
        b'{"ceiling":1e308',
        b'{"ceiling":1e999',
        b'{"key":"k","lane":"candidate","charged":0,"reply":{"case_id":"c","repeat":1e999,"text":"x"}',
        b'{"probe":' + b"[" * 50_000 + b"]" * 50_000,
    ],
)
def test_a_line_that_no_run_wrote_is_refused_by_its_number(path: Path, line: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(line + b',"sum":"' + _checksum(line) + b'"}\n')

    with pytest.raises(DocumentError, match=r"journal\.jsonl:5"), Journal(path, a_header()):
        pass


def test_only_regular_files_are_read_as_journals(tmp_path: Path) -> None:
    pipe, folder = tmp_path / "pipe", tmp_path / "folder"
    os.mkfifo(pipe)
    folder.mkdir()

    for place in (pipe, folder):
        with pytest.raises(UsageError, match="not a regular file"), Journal(place, a_header()):
            pass
        with pytest.raises(UsageError, match="not a regular file"):
            read_header(place)
