"""Broken logs through the real program: a clear error with exit 2, and nothing written."""

import gzip
import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from tests.decisions.program import Program, Said, fresh

HEAD = b"decision_id,at,lane,human_action,confidence,reviewer_id\n"
ROW = b"d1,2026-05-01T10:00:00Z,queue,approve,0.9,r1\n"
LINE = b'{"decision_id": "d1", "lane": "auto"}\n'
MANY = HEAD + b"".join(ROW.replace(b"d1", b"d%d" % n) for n in range(5_000))


@pytest.fixture
def program(tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.chdir(tmp_path)
    return Program(tmp_path, capsys)


FILES = {
    "gzip of nothing": ("log.csv.gz", gzip.compress(b""), "log.csv.gz: is empty"),
    "gzip of a header": ("log.csv.gz", gzip.compress(HEAD), "log.csv.gz: holds no row"),
    "no byte": ("log.parquet", b"", "log.parquet: is empty"),
    "blank lines": ("log.jsonl", b"\n\n\n", "log.jsonl: is empty"),
    "a byte order mark alone": ("log.csv", b"\xef\xbb\xbf\n", "log.csv: is empty"),
    "blank header": ("log.csv", b"\n", "log.csv: is empty"),
    "a blank line first": ("log.csv", b"\n" + HEAD + ROW, "log.csv: begins with a blank line; expected the names"),
    "gzip cut short": ("log.csv.gz", gzip.compress(MANY)[:-2_000], "damaged or cut short"),
    "gzip without its end": ("log.csv.gz", gzip.compress(MANY)[:-8], "damaged or cut short"),
    "gzip of lines cut short": ("log.jsonl.gz", gzip.compress(LINE * 5_000)[:-20], "damaged or cut short"),
    "garbage behind gzip": ("log.csv.gz", gzip.compress(MANY) + b"garbage", "damaged or cut short"),
    "gzip of Parquet cut short": ("log.parquet.gz", gzip.compress(os.urandom(9_000))[:5_000], "damaged or cut short"),
    "CSV called Parquet": ("log.parquet", HEAD + ROW, "log.parquet: is no whole Parquet file"),
    "Parquet called CSV": ("log.csv", b"PAR1\xff\xfe\x00PAR1", "log.csv: is Parquet; let its name end in .parquet"),
    "Parquet called lines": ("log.jsonl", b"PAR1\xff\xfe\x00PAR1", "log.jsonl: is Parquet; let its name end in .parquet"),
    "gzip called CSV": ("log.csv", gzip.compress(HEAD + ROW), "log.csv: is compressed with gzip; let its name end in .gz"),
    "CSV called lines": ("log.jsonl", HEAD + ROW, "log.jsonl:1: not valid JSON"),
    "JSON called CSV": ("log.csv", LINE, "no column has a name of hitl's"),
    "semicolons": ("log.csv", (HEAD + ROW).replace(b",", b";"), "no column has a name of hitl's"),
    "an archive": ("log.csv.zip", b"PK\x03\x04", "log.csv.zip: ends in '.zip'; expected .parquet"),
    "no ending": ("log", HEAD + ROW, "log: ends in 'nothing'; expected .parquet"),
    "one JSON array": ("log.json", b"[{}]", "log.json: ends in '.json'; expected .parquet"),
    "UTF-16": ("log.csv", (HEAD + ROW).decode().encode("utf-16"), "log.csv: is UTF-16; save the file as UTF-8"),
    "UTF-16 lines": ("log.jsonl", LINE.decode().encode("utf-16"), "log.jsonl: is UTF-16; save the file as UTF-8"),
    "UTF-16 without a mark": ("log.csv", (HEAD + ROW).decode().encode("utf-16-le"), "log.csv: is no UTF-8 text but perhaps UTF-16"),
    "Latin-1": ("log.csv", HEAD + ROW.replace(b"r1", b"M\xfcller"), "log.csv:2: is not UTF-8; save the file as UTF-8"),
    "Latin-1 in the header": ("log.csv", HEAD.replace(b"lane", b"l\xe4ne") + ROW, "log.csv: is not UTF-8"),
    "Latin-1 far behind": ("log.csv", MANY + ROW.replace(b"r1", b"M\xfcller"), "log.csv:5002: is not UTF-8"),
    "Latin-1 lines": ("log.jsonl", b'{"lane": "auto", "reviewer_id": "M\xfcller"}\n', "log.jsonl:1: is not UTF-8; save the file as UTF-8"),
    "a byte order mark before lines": ("log.jsonl", b"\xef\xbb\xbf" + LINE, "log.jsonl: begins with a byte order mark; save the file as UTF-8 without one"),
    "carriage returns alone": ("log.csv", (HEAD + ROW).replace(b"\n", b"\r"), "log.csv: ends its lines with carriage returns alone; save it with line feeds"),
    "carriage returns between lines": ("log.jsonl", LINE.replace(b"\n", b"\r") * 2, "log.jsonl:1: holds a carriage return; end each line with a line feed"),
    "a carriage return in a field": ("log.csv", HEAD + ROW.replace(b"r1", b"r\r1"), "log.csv:2: "),
    "a quote that never ends": ("log.csv", HEAD + ROW.replace(b"r1", b'"r1'), "log.csv:2: is not CSV: a quote in this row never ends"),
    "a quote that never ends, late": ("log.csv", MANY + ROW.replace(b"r1", b'"r1') + ROW, "log.csv:5002: is not CSV: a quote in this row never ends"),
    "a sign behind a quote": ("log.csv", HEAD + ROW + ROW.replace(b"r1", b'"r"1'), "log.csv:3: is not CSV; expected commas between fields"),
    "a quote in the header": ("log.csv", b'"lane\n' + ROW, "log.csv: has a header that is no CSV"),
    "a short row": ("log.csv", HEAD + b"d1,2026-05-01T10:00:00Z\n", "log.csv:2: has 2 fields; expected 6"),
    "JSON over several lines": ("log.jsonl", b'{\n "lane": "auto"\n}\n', "log.jsonl:1: not valid JSON"),
    "an array a line": ("log.jsonl", b'[{"lane": "auto"}]\n', "log.jsonl:1: expected one JSON object a line"),
    "values a line": ("log.jsonl", b'1\n"a"\nnull\n', "log.jsonl:3: expected one JSON object a line"),
    "two objects a line": ("log.jsonl", LINE.strip() * 2 + b"\n", "log.jsonl:1: not valid JSON"),
    "a key twice": ("log.jsonl", b'{"lane": "auto", "lane": "queue"}\n', "the key 'lane' stands twice"),
    "an address as a key twice": ("log.jsonl", b'{"bo@example.com": 1, "bo@example.com": 2, "lane": "auto"}\nno\n', "the key '[email]' stands twice"),
    "a long key twice": ("log.jsonl", b'{"%s": 1, "%s": 2, "lane": "auto"}\nno\n' % (b"k" * 9_000, b"k" * 9_000), "… stands twice"),
    "a key twice, late": ("log.jsonl", LINE * 3_000 + b'{"lane": "auto", "lane": "queue"}\n', "log.jsonl:3001: not valid JSON"),
    "a raw zero byte": ("log.jsonl", b'{"lane": "auto", "reviewer_id": "a\x00"}\n', "log.jsonl:1: not valid JSON"),
    "half a surrogate": ("log.jsonl", b'{"lane": "auto", "reviewer_id": "\\ud800"}\n', "log.jsonl:1: holds half a character"),
    "a field of 3 MB": ("log.csv", HEAD + ROW.replace(b"r1", b"x" * 3_000_000), "log.csv:2: the row that begins here has more than 2,097,152 bytes"),
    "a row of 3 MB": ("log.csv", b"lane" + b"".join(b",c%d" % n for n in range(2_000)) + b"\n" + b"auto" + (b"," + b"x" * 1_500) * 2_000 + b"\n", "log.csv:2: the row that begins here has more than 2,097,152 bytes"),
    "a header of 3 MB": ("log.csv", b"lane," + b"x" * 3_000_000 + b"\nauto,1\n", "log.csv: has no header: its first line has more than 2,097,152 bytes"),
    "a value of 40 MB": ("log.jsonl", LINE + b'{"text": "%s"}\n' % (b"x" * 40_000_000), "log.jsonl:2: has more than 2,097,152 bytes"),
    "a name of 1 MB": ("log.csv", b"lame," + b"x" * 1_000_000 + b"\nauto,1\n", "xxx…"),
    "a name of 1 MB twice": ("log.csv", (b"x" * 1_000_000 + b",") * 2 + b"\nauto,1\n", "columns stand twice: xxx"),
    "a value of 3 MB": ("log.jsonl", b'{"reviewer_id": "%s"}\n' % (b"x" * 3_000_000), "texts of more than 1000 bytes"),
    "10,000 unknown columns of lines": ("log.jsonl", json.dumps({f"c{n}": n for n in range(10_000)}).encode(), "and 9980 more"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_is_told_and_nothing_is_written(program: Program, name: str) -> None:
    file, content, said = FILES[name]
    (program.folder / file).write_bytes(content)

    text = program.refused(file)

    assert said in text
    assert file in text
    assert len(text) < 20_000


VALUES = {
    "infinity": ("confidence", "Infinity", "no numbers"),
    "less than nothing": ("confidence", "-inf", "no numbers"),
    "beyond a double": ("confidence", "1e400", "no numbers"),
    "a billion": ("confidence", "1e9", "out of range"),
    "hexadecimal": ("confidence", "0x1", "no numbers"),
    "other digits": ("confidence", "٠.٩", "no numbers"),
    "a blank before": ("confidence", " 0.9", "no numbers"),
    "a hair beyond one": ("review_probability", "1.0000001", "out of range"),
    "a debt": ("cost_usd", "-0.01", "out of range"),
    "an endless call": ("latency_ms", "1e99", "out of range"),
    "another case": ("lane", "AUTO", "unknown words"),
    "a blank behind": ("lane", "auto ", "unknown words"),
    "a letter for a flag": ("seeded_error", "f", "neither true nor false"),
    "a leap second": ("at", "2026-05-01T10:00:60Z", "no times"),
    "hour 25": ("at", "2026-05-01T25:00:00Z", "no times"),
    "a zone by name": ("at", "2026-05-01T10:00:00 Europe/Berlin", "no times"),
    "year 2300": ("at", "2300-01-01T00:00:00Z", "in the future"),
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_a_wrong_value_is_told_with_its_row(program: Program, name: str) -> None:
    field, value, said = VALUES[name]
    (program.folder / "log.csv").write_text(f"decision_id,{field}\nd1,\nd2,{value}\n")

    text = program.refused("log.csv")

    assert said in text
    assert f"{field}: " in text
    assert "first rows 2" in text


LINES = {
    "NaN": ('"confidence": NaN', "no numbers; found 'NaN'"),
    "Infinity": ('"confidence": Infinity', "no numbers; found 'Infinity'"),
    "a list": ('"confidence": [0.9]', "no numbers; found '[0.9]'"),
    "an object": ('"confidence": {"value": 0.9}', "no numbers"),
    "true": ('"confidence": true', "no numbers; found 'true'"),
    "a list of words": ('"human_action": ["approve"]', "unknown words"),
    "a flag for a word": ('"lane": false', "unknown words; name them under `values` in the mapping; found 'false'"),
    "a number for a flag": ('"correct": 1', "neither true nor false"),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_a_json_value_of_another_kind_is_told(program: Program, name: str) -> None:
    pair, said = LINES[name]
    (program.folder / "log.jsonl").write_text(f'{{"decision_id": "a", {pair}}}\n')

    assert said in program.refused("log.jsonl")


def test_only_times_without_a_zone_are_wrong_among_mixed_ones(program: Program) -> None:
    times = (
        "2026-05-01T10:00:00Z",
        "2026-05-01T10:00:00+02:00",
        "2026-05-01 10:00:00-0500",
        "2026-05-01T10:00:00",
    )
    rows = "".join(f"d{number},{time}\n" for number, time in enumerate(times))
    (program.folder / "log.csv").write_text(f"decision_id,at\n{rows}")

    text = program.refused("log.csv")

    assert "at: 25.0% of rows (1 of 4) 1 rows: times without a zone" in text
    assert "first rows 4" in text


PARQUET = {
    "lists and structures": ("[1, 2] AS confidence, {'a': 1} AS lane", ("confidence: 100%", "lane: 100%")),
    "infinities": ("'Infinity'::DOUBLE AS confidence, 'infinity'::TIMESTAMPTZ AS \"at\"", ("confidence: 100%", "at: 100%")),
    "a time of day": ("TIME '10:00' AS \"at\", -5 AS latency_ms", ("at: 100%", "latency_ms: 100%")),
    "a huge number": ("170141183460469231731687303715884105727::HUGEINT AS cost_usd", ("cost_usd: 100%",)),
    "texts of 3 MB": ("REPEAT('x', 3000000) AS reviewer_id", ("reviewer_id: 100%", "texts of more than 1000 bytes")),
}  # fmt: skip


@pytest.mark.parametrize("name", PARQUET)
def test_parquet_of_the_wrong_types_is_told(program: Program, name: str) -> None:
    columns, said = PARQUET[name]
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT 'd1' AS decision_id, {columns}) TO '{program.folder}/log.parquet'"
        )

    text = program.refused("log.parquet")

    assert [part for part in said if part not in text] == []


def test_parquet_without_a_row_or_with_damaged_pages_is_told(program: Program) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT 'd' AS decision_id WHERE FALSE) TO '{program.folder}/none.parquet'"
        )
        connection.execute(
            "CREATE TABLE log AS SELECT 'd' || i AS decision_id, RANDOM() AS confidence FROM RANGE(20000) t(i)"
        )
        connection.execute(f"COPY log TO '{program.folder}/log.parquet'")
    content = bytearray((program.folder / "log.parquet").read_bytes())
    content[100:5_000] = b"\xa5" * 4_900
    (program.folder / "log.parquet").write_bytes(content)

    assert "none.parquet: holds no row" in program.refused("none.parquet")
    assert "log.parquet: cannot be read" in program.refused("log.parquet")


def a_folder(path: Path) -> None:
    path.mkdir()


def a_loop(path: Path) -> None:
    path.symlink_to(path.name)


def a_link_to_nothing(path: Path) -> None:
    path.symlink_to("nowhere.csv")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (a_folder, "is a folder; name the files in it"),
        (os.mkfifo, "not a regular file"),
        (a_loop, "symbolic link"),
        (a_link_to_nothing, "no such file"),
    ],
    ids=["folder", "pipe", "loop", "dangling link"],
)
def test_what_is_no_file_is_told_at_once(
    program: Program, make: Callable[[Path], None], said: str
) -> None:
    make(program.folder / "log.csv")

    assert said in program.refused("log.csv")


@pytest.mark.parametrize(
    "word",
    [
        "/dev/null",
        "/dev/zero",
        "-",
        "",
        "nothing.db::t",
        "log.csv::t",
        "*.parquet",
        "https://x.test/a.csv",
    ],
)
def test_a_word_that_names_no_log_is_told(program: Program, word: str) -> None:
    (program.folder / "log.csv").write_bytes(HEAD + ROW)

    assert "hitl: " in program.refused(word)


def test_a_file_named_twice_counts_once_and_its_copy_or_link_is_refused(program: Program) -> None:
    (program.folder / "log.csv").write_bytes(HEAD + ROW)
    (program.folder / "link.csv").symlink_to("log.csv")
    (program.folder / "copy.csv").write_bytes(b"decision_id,lane\nd1,queue\n")

    twice = program.lint("log.csv", "./log.csv", "log*.csv")

    assert twice.code == 0
    assert twice.text.startswith("1 rows in, 1 usable")
    for other in ("link.csv", "copy.csv"):
        assert "'d1' (2 rows)" in program.refused("log.csv", other)


@pytest.mark.parametrize("form", ["sqlite", "duckdb"])
def test_a_table_whose_name_is_sql_is_only_a_table(program: Program, form: str) -> None:
    name = "a\"b'; DROP TABLE log; --"
    quoted = '"' + name.replace('"', '""') + '"'
    path = program.folder / "base.db"
    opened = sqlite3.connect(path) if form == "sqlite" else duckdb.connect(str(path))
    with closing(opened) as base:
        base.execute(f"CREATE TABLE {quoted} (decision_id VARCHAR, lane VARCHAR)")
        base.execute("CREATE TABLE log (decision_id VARCHAR, lane VARCHAR)")
        base.execute(f"INSERT INTO {quoted} VALUES ('d1', 'auto')")  # noqa: S608
        base.execute("INSERT INTO log VALUES ('d1', 'auto')")
        base.commit()

    assert program.lint(f"base.db::{name}").code == 0
    assert program.lint("base.db::log").code == 0
    assert "no such table" in program.refused("base.db::a'b")


@pytest.mark.parametrize("form", ["sqlite", "duckdb"])
def test_a_database_cut_short_is_told(program: Program, form: str) -> None:
    path = program.folder / "base.db"
    opened = sqlite3.connect(path) if form == "sqlite" else duckdb.connect(str(path))
    with closing(opened) as base:
        base.execute("CREATE TABLE log (decision_id VARCHAR, lane VARCHAR)")
        base.commit()
    path.write_bytes(path.read_bytes()[:3_000])

    assert "base.db::log: cannot be read" in program.refused("base.db::log")


@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [
        ("log.csv", b"\xef\xbb\xbf" + HEAD + ROW, 1),
        ("log.csv", (HEAD + ROW).replace(b"\n", b"\r\n"), 1),
        ("log.csv", (HEAD + ROW)[:-1], 1),
        ("log.csv", HEAD + ROW.replace(b"r1", b'"r\n""1"""'), 1),
        ("log.CSV", HEAD + ROW, 1),
        ("log.jsonl", LINE.replace(b"\n", b"\r\n") + LINE.replace(b"d1", b"d2"), 2),
        ("log.csv.gz", gzip.compress(HEAD + ROW) + gzip.compress(ROW.replace(b"d1", b"d2")), 2),
        ("log.jsonl", b'{"lane": "auto", "deep": ' + b"[" * 50_000 + b"]" * 50_000 + b"}\n", 1),
        ("log.csv", (",".join(["lane", *(f"c{n}" for n in range(10_000))]) + "\nauto" + ",1" * 10_000 + "\n").encode(), 1),
    ],
    ids=["byte order mark", "CRLF", "no end of line", "quotes", "upper case", "CRLF lines", "two members", "deep", "wide"],
)  # fmt: skip
def test_what_is_only_unusual_is_read(
    program: Program, name: str, content: bytes, rows: int
) -> None:
    (program.folder / name).write_bytes(content)

    told = program.lint(name)

    assert told.code == 0
    assert told.text.startswith(f"{rows} rows in, {rows} usable, 0 refused")


@pytest.mark.parametrize(
    "content", [b"lane," + b"x" * 3_000_000 + b"\nauto,1\n", b"x" * 10_000_000]
)
def test_a_first_line_without_end_is_no_header(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "log.csv").write_bytes(content)

    done = fresh(tmp_path, "log", "lint", "log.csv")

    assert done.returncode == 2
    assert done.stderr.startswith(b"hitl: log.csv: has no header: its first line has more than")
    assert len(done.stderr) < 1_000


def test_a_pipe_that_nobody_writes_to_does_not_hold_the_program(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log.parquet")

    done = fresh(tmp_path, "log", "lint", "log.parquet", "log.parquet::t")

    assert done.returncode == 2
    assert b"log.parquet: not a regular file" in done.stderr
