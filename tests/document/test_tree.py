"""YAML as people write it: nothing changes by parsing, and every mistake has its line."""

import json
from pathlib import Path

import pytest

from hitl.document.load import load_document, parse_document
from hitl.document.schema import Document, Identifier, OpenShare
from hitl.document.tree import DEPTH_LIMIT, field_name, parse_yaml, resolve_scalar
from hitl.errors import DocumentError

HERE = Path("file.yaml")


class Sample(Document):
    """A document with a field of each kind."""

    name: str
    version: str = "1"
    count: int = 0
    share: OpenShare = 0.5
    is_on: bool = False
    parts: tuple[Identifier, ...] = ()


def mistakes(content: bytes) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        parse_document(content, HERE, Sample)
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(word, word) for word in ("no", "yes", "on", "off", "y", "n", "No", "ON")],
        *[(word, word) for word in ("0123", "12:30:45", "12:30", "2026-05-18", "0x1F", "0o17")],
        *[(word, word) for word in ("2026-05-18T12:00:00Z", "1_000", ".inf", "-.INF", ".nan", "1e", "<<", "=")],
        ("true", True), ("True", True), ("FALSE", False), ("tRuE", "tRuE"),
        ("null", None), ("~", None), ("", None), ("nUll", "nUll"),
        ("1", 1), ("-7", -7), ("+7", 7), ("0", 0), ("00", "00"),
        ("1.10", 1.1), ("1e3", 1000.0), (".5", 0.5), ("1.", 1.0), ("-1.5E-2", -0.015),
        ("٣", "٣"), ("1\n", "1\n"), ("9" * 5000, "9" * 5000),
    ],
)  # fmt: skip
def test_plain_scalars_mean_what_the_core_schema_says(text: str, value: object) -> None:
    found = resolve_scalar(text)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "written",
    ["no", "yes", "on", "1.10", "1.0", "0123", "12:30:45", "2026-05-18", "1e3", "true", "1",
     "-0", "+1", "0.10", "1E3", '"1.10"', "'no'"],
)  # fmt: skip
def test_a_scalar_keeps_its_text_where_text_is_wanted(written: str) -> None:
    found = parse_document(f"name: x\nversion: {written}\n".encode(), HERE, Sample)

    assert found.version == written.strip("\"'")


@pytest.mark.parametrize("written", ["~", "null", ""])
def test_nothing_is_not_text(written: str) -> None:
    assert "version" in mistakes(f"name: x\nversion: {written}\n".encode())[0]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"name: a\nname: b\n", "file.yaml:2: name: the key stands twice", id="duplicate key"),
        pytest.param(b"name: a\n'name': b\n", "file.yaml:2: name: the key stands twice", id="quoted duplicate"),
        pytest.param(b"name: !!python/object:os.system x\n", "file.yaml:1: name: tag", id="tag"),
        pytest.param(b"name: !x y\n", "file.yaml:1: name: tag", id="local tag"),
        pytest.param(b"name: !!int 1\n", "file.yaml:1: name: tag", id="core tag"),
        pytest.param(b"? [a, b]\n: c\n", "a key is a list or mapping", id="complex key"),
        pytest.param(b"name: [\n", "file.yaml:2: not valid YAML", id="syntax"),
        pytest.param(b"name: a\n\tcount: 1\n", "not valid YAML", id="tab"),
        pytest.param(b"name: a\n---\nname: b\n", "file.yaml", id="several documents"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"# only a comment\n", "empty", id="comment only"),
        pytest.param(b"\xff\xfe", "not UTF-8 text at byte 0", id="not UTF-8"),
        pytest.param("name: ä".encode("latin-1"), "not UTF-8 text at byte 6", id="Latin-1"),
        pytest.param(b"name: a\0b\n", "not valid YAML", id="NUL"),
        pytest.param(b"name: *missing\n", "not valid YAML", id="alias to nothing"),
        pytest.param(b"&a [*a]\n", "nested too deeply", id="recursion"),
        pytest.param(b"name: &a {b: *a}\n", "nested too deeply", id="recursion in a mapping"),
        pytest.param(b"[" * 5000, "nested too deeply", id="deep list"),
        pytest.param(b"{a: " * 5000, "nested too deeply", id="deep mapping"),
        pytest.param(b"- " * 5000, "nested too deeply", id="deep block list"),
        pytest.param(b"name: 1e999\n", "too large", id="beyond a double"),
    ],
)  # fmt: skip
def test_what_is_no_plain_document_is_refused(content: bytes, expected: str) -> None:
    assert expected in mistakes(content)[0]


def test_aliases_that_multiply_are_refused_before_they_fill_the_memory() -> None:
    lines = [b"a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [
        b"a%d: &a%d [%s]" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 12)
    ]

    assert "too many values" in mistakes(b"\n".join(lines))[0]


def test_an_anchor_that_is_used_honestly_is_read() -> None:
    found = parse_document(b"name: &n x\nversion: *n\n", HERE, Sample)

    assert (found.name, found.version) == ("x", "x")


def test_a_merge_key_is_no_secret_way_in() -> None:
    assert "<<" in mistakes(b"name: x\n<<: {count: 1}\n")[0]


def test_nesting_up_to_the_limit_is_read() -> None:
    tree = parse_yaml(b"[" * DEPTH_LIMIT + b"]" * DEPTH_LIMIT, HERE)

    assert isinstance(tree.value, list)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xef\xbb\xbfname: x\ncount: 2\n", id="byte order mark"),
        pytest.param(b"name: x\r\ncount: 2\r\n", id="CRLF"),
        pytest.param(b"---\nname: x\ncount: 2\n...\n", id="document marks"),
        pytest.param(b'{"name": "x", "count": 2}', id="JSON"),
        pytest.param(b"# a comment\nname: x # another\ncount: 2", id="comments, no last newline"),
    ],
)
def test_the_same_document_in_other_clothes(content: bytes) -> None:
    assert parse_document(content, HERE, Sample) == Sample(name="x", count=2)


def test_every_mistake_is_told_at_once_with_its_line_and_field(tmp_path: Path) -> None:
    path = tmp_path / "sample.yaml"
    path.write_text(
        "count: many\nshare: 1.5\nis_on: yes\nsurprise: 1\nparts:\n  - good\n  - ' bad'\n  - [1]\n"
    )

    with pytest.raises(DocumentError) as caught:
        load_document(path, Sample)

    places = [(mistake.line, mistake.field) for mistake in caught.value.mistakes]
    assert places == [
        (1, "count"),
        (1, "name"),
        (2, "share"),
        (3, "is_on"),
        (4, "surprise"),
        (7, "parts[1]"),
        (8, "parts[2]"),
    ]
    assert all(str(path) in line for line in str(caught.value).splitlines())


def test_a_message_says_what_was_found() -> None:
    assert mistakes(b"name: x\ncount: many\n") == [
        'file.yaml:2: count: found "many"; expected a whole number'
    ]


def test_more_mistakes_than_people_read_are_counted() -> None:
    many = "\n".join(f"field{number}: 1" for number in range(80))

    with pytest.raises(DocumentError) as caught:
        parse_document(f"name: x\n{many}\n".encode(), HERE, Sample)

    assert len(caught.value.mistakes) == 80
    assert str(caught.value).splitlines()[-1] == "... and 30 more mistakes"


@pytest.mark.parametrize(
    ("at", "name"),
    [((), ""), (("a",), "a"), (("a", 2, "b"), "a[2].b"), ((0,), "[0]"), (("a", 1, 2), "a[1][2]")],
)
def test_field_names(at: tuple[str | int, ...], name: str) -> None:
    assert field_name(at) == name


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param('"no \\ud83d\\ude42"', "no \U0001f642", id="a pair"),
        pytest.param('"\\\\ud83d"', "\\ud83d", id="an escaped backslash is no escape"),
        pytest.param('"\\\\\\ud83d\\ude42"', "\\\U0001f642", id="a backslash before a pair"),
        pytest.param('"\\u00e9"', "é", id="an escape of one"),
    ],
)
def test_json_escapes_mean_in_yaml_what_they_mean_in_json(written: str, meant: str) -> None:
    assert parse_yaml(f'{{"text": {written}}}'.encode(), Path("x.yaml")).value == {"text": meant}
    assert json.loads(written) == meant
