"""Logs whose texts attack whoever looks at them: nothing reaches a terminal or a page as it is."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hitl.decisions.schema import COLUMNS, Kind
from tests.decisions.program import Program, Said, fresh

UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
EVIL = "\x1b[2J\x07\u202e<script>alert(1)</script>[x](javascript:y)=cmd|' /C calc'!A0"
TEXTS = [column.name for column in COLUMNS if column.kind is Kind.TEXT]


@pytest.fixture
def program(tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.chdir(tmp_path)
    return Program(tmp_path, capsys)


def evil_log(folder: Path) -> str:
    """A log of sound words whose every text is hostile, in several rows."""
    sound = {"at": "2026-05-01T10:00:00Z", "lane": "queue", "human_action": "approve", "confidence": 0.5, "correct": True,
             "review_seconds": 3, "outcome": "bad"}  # fmt: skip
    rows = [
        {name: f"{EVIL}{number if name == 'decision_id' else number % 2}" for name in TEXTS}
        | sound
        | {f"{EVIL}key": 1}
        for number in range(30)
    ]
    (folder / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return "log.jsonl"


def test_no_text_of_a_log_reaches_a_terminal_or_a_page_as_it_is(program: Program) -> None:
    log = evil_log(program.folder)

    linted, measured = program.lint(log), program.baseline(log)

    assert (linted.code, measured.code) == (0, 0)
    assert not UNSAFE.search(linted.text)
    assert not UNSAFE.search(measured.text)
    assert "⟨U+001B⟩[2J" in linted.text
    page = (program.folder / "out" / "index.html").read_text()
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert not UNSAFE.search(page)
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    "field", ["lane", "human_action", "confidence", "at", "correct", "severity"]
)
def test_no_wrong_value_is_quoted_as_it_is(program: Program, field: str) -> None:
    (program.folder / "log.jsonl").write_text(json.dumps({"decision_id": EVIL, field: EVIL}) + "\n")

    for told in (program.lint("log.jsonl"), program.baseline("log.jsonl")):
        assert told.code == 2
        assert not UNSAFE.search(told.text)
        assert field in told.text


def test_names_of_columns_files_tables_and_ids_are_not_quoted_as_they_are(program: Program) -> None:
    file = f"{EVIL}.csv".replace("/", "")
    (program.folder / file).write_text(f'"{EVIL}",b\n1,2\n')
    (program.folder / "ids.jsonl").write_text((json.dumps({"decision_id": EVIL}) + "\n") * 2)
    with closing(sqlite3.connect(program.folder / "base.db")) as base:
        base.execute('CREATE TABLE "\x1b[2J\u202e" (lane TEXT)')
        base.commit()

    for words in ([file], ["ids.jsonl"], ["base.db::\x1b[31m"]):
        assert not UNSAFE.search(program.refused(*words))


def test_json_for_machines_is_json_and_nothing_else(tmp_path: Path) -> None:
    done = fresh(tmp_path, "log", "lint", evil_log(tmp_path), "--json")

    assert done.returncode == 0
    assert f"{EVIL}key" in json.loads(done.stdout)["unused_columns"]
    assert b"\x1b" not in done.stdout
    assert done.stderr == b""
