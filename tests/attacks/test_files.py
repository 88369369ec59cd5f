import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hitl.cli.door import main
from tests.cli.workspace import Workspace, write_lines

Damage = Callable[[Path], object]


def as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def as_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def as_device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def as_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def test_the_release_that_every_attack_starts_from_ships(release: Workspace) -> None:
    assert release.gate() == 0
    assert release.record["verdict"] == "ship"


@pytest.mark.parametrize("name", ["release.yaml", "set.yaml", "core.jsonl", "candidate.jsonl"])
@pytest.mark.parametrize(
    ("damage", "words"),
    [
        pytest.param(as_folder, "not a regular file", id="a folder"),
        pytest.param(as_pipe, "not a regular file", id="a named pipe"),
        pytest.param(as_device, "not a regular file", id="a device"),
        pytest.param(as_loop, "cannot be read", id="a link to itself"),
        pytest.param(lambda path: path.write_bytes(b"\xff\xfe\x00"), "not", id="not text"),
        pytest.param(lambda path: path.write_text("{"), "not valid", id="cut short"),
        pytest.param(lambda path: path.write_text("[1]\n"), "expected", id="of another type"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_name(
    release: Workspace,
    capsys: pytest.CaptureFixture[str],
    name: str,
    damage: Damage,
    words: str,
) -> None:
    path = release.write()
    damage(release.root / name)

    code = main(["gate", str(path), "--out", str(release.out)])

    said = capsys.readouterr()
    assert code == 2
    assert f"{release.root / name}" in said.err
    assert words in said.err
    assert said.out == ""
    assert release.wrote_nothing()


@pytest.mark.parametrize("name", ["release.yaml", "set.yaml", "core.jsonl"])
def test_a_document_that_is_not_there_is_refused(
    release: Workspace, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path = release.write()
    (release.root / name).unlink()

    assert main(["gate", str(path), "--out", str(release.out)]) == 2

    assert f"{release.root / name}: no such file" in capsys.readouterr().err
    assert release.wrote_nothing()


@pytest.mark.parametrize("name", ["release.yaml", "set.yaml"])
def test_an_empty_document_is_refused(
    release: Workspace, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path = release.write()
    (release.root / name).write_text("")

    assert main(["gate", str(path), "--out", str(release.out)]) == 2

    assert f"{name}: empty" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        pytest.param(lambda w: (w.root / "core.jsonl").write_text(""), "no case", id="no case"),
        pytest.param(
            lambda w: (w.root / "candidate.jsonl").unlink(), "no such replies file", id="no file"
        ),
        pytest.param(
            lambda w: (w.root / "candidate.jsonl").write_text(""), "has no reply", id="no reply"
        ),
        pytest.param(
            lambda w: (w.root / "previous.jsonl").write_text("\n\n"), "has no reply", id="blank"
        ),
        pytest.param(
            lambda w: write_lines(w.root / "candidate.jsonl", [{"case_id": "x", "text": "yes"}]),
            "cases it does not have",
            id="replies to other cases only",
        ),
        pytest.param(
            lambda w: write_lines(
                w.root / "candidate.jsonl",
                [{"case_id": row["case_id"], "error": "down"} for row in w.candidate],
            ),
            "calls of the candidate arm (acme/model-2026-05-18) failed",
            id="every call failed",
        ),
    ],
)
def test_where_nothing_can_be_judged_the_code_is_12(
    release: Workspace,
    capsys: pytest.CaptureFixture[str],
    damage: Callable[[Workspace], object],
    words: str,
) -> None:
    path = release.write()
    damage(release)

    code = main(["gate", str(path), "--out", str(release.out), "--exit-zero"])

    assert code == 12
    assert words in capsys.readouterr().err
    assert release.wrote_nothing()


def test_evidence_of_an_earlier_run_stays_with_its_record(release: Workspace) -> None:
    release.gate()
    before = {path: path.read_bytes() for path in release.out.rglob("*") if path.is_file()}
    release.candidate.clear()

    assert release.gate() == 12

    assert {path: path.read_bytes() for path in release.out.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(gzip.compress(b'{"case_id": "c000", "text": "yes"}\n' * 50)[:-9], id="cut"),
        pytest.param(b"hello", id="not gzip"),
    ],
)
def test_a_damaged_gzip_file_is_refused(
    release: Workspace, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    release.manifest["candidate_model"]["replies"] = "candidate.jsonl.gz"
    path = release.write()
    (release.root / "candidate.jsonl.gz").write_bytes(content)

    assert main(["gate", str(path), "--out", str(release.out)]) == 2

    assert "damaged or cut short" in capsys.readouterr().err
    assert release.wrote_nothing()


def test_mistakes_in_both_arms_are_told_at_once(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    path = release.write()
    (release.root / "previous.jsonl").write_text('{"case_id": "c000"}\nnope\n')
    (release.root / "candidate.jsonl").write_text('{"case_id": "c000", "text": 1, "x": 2}\n')

    assert main(["gate", str(path), "--out", str(release.out)]) == 2

    said = capsys.readouterr().err
    assert "previous.jsonl:1: holds no reply" in said
    assert "previous.jsonl:2: not valid JSON" in said
    assert "candidate.jsonl:1: x: is not a field" in said


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("a: " + "[" * 50_000, id="flow"),
        pytest.param("- " * 50_000, id="block"),
        pytest.param("? " * 50_000, id="keys"),
        pytest.param("a: &a [*a]", id="an alias of itself"),
        pytest.param(
            "a: &a [1,1,1,1,1,1,1,1,1]\n"
            + "".join(
                f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n"
                for old, new in zip("abcdefgh", "bcdefghi", strict=True)
            ),
            id="aliases of aliases",
        ),
    ],
)
def test_a_document_that_would_exhaust_the_reader_is_refused(
    release: Workspace, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    path = release.write()
    path.write_text(content)

    assert main(["gate", str(path), "--out", str(release.out)]) == 2

    assert "nested too deeply" in capsys.readouterr().err


@pytest.mark.parametrize("depth", [300, 100_000])
def test_deep_json_in_a_reply_is_refused(
    release: Workspace, capsys: pytest.CaptureFixture[str], depth: int
) -> None:
    path = release.write()
    line = '{"case_id": "c000", "labels": {"a": ' + "[" * depth + "]" * depth + "}}\n"
    (release.root / "candidate.jsonl").write_text(line)

    assert main(["gate", str(path), "--out", str(release.out)]) == 2

    assert "candidate.jsonl:1: " in capsys.readouterr().err


def test_deep_json_in_a_reply_text_is_a_failed_reply(release: Workspace) -> None:
    release.expect({"field": "a", "equals": 1})
    release.both(text='{"a": 1}')
    for row in release.candidate:
        row["text"] = "[" * 100_000

    assert release.gate() == 10


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: b"\xef\xbb\xbf" + text, id="a byte order mark"),
        pytest.param(lambda text: text.replace(b"\n", b"\r\n"), id="line ends of Windows"),
        pytest.param(lambda text: text.replace(b"\n", b"\n\n"), id="blank lines"),
    ],
)
def test_habits_of_editors_change_nothing(
    release: Workspace, change: Callable[[bytes], bytes]
) -> None:
    path = release.write()
    for name in ("release.yaml", "core.jsonl", "candidate.jsonl"):
        file = release.root / name
        file.write_bytes(change(file.read_bytes()))

    assert main(["gate", str(path), "--out", str(release.out)]) == 0
