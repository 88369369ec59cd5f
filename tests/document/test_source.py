"""Bytes from disk: only regular files, whole, within their limits."""

import gzip
import os
import tracemalloc
from pathlib import Path

import pytest

from hitl.document.source import DOCUMENT_LIMIT, LINE_LIMIT, iterate_lines, read_bytes
from hitl.errors import DocumentError

READERS = [
    pytest.param(read_bytes, id="document"),
    pytest.param(lambda path: list(iterate_lines(path)), id="lines"),
]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("make", "problem"),
    [
        pytest.param(lambda path: path.mkdir(), "not a regular file", id="folder"),
        pytest.param(os.mkfifo, "not a regular file", id="pipe"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), "not a regular file", id="device"),
        pytest.param(lambda path: path.symlink_to("nowhere"), "no such file", id="link to nothing"),
        pytest.param(lambda path: path.symlink_to(path), "cannot be read", id="link to itself"),
        pytest.param(lambda _: None, "no such file", id="nothing"),
    ],
)
def test_what_is_no_file_with_content_is_refused(tmp_path: Path, read, make, problem: str) -> None:
    make(tmp_path / "x.jsonl")

    with pytest.raises(DocumentError, match=problem):
        read(tmp_path / "x.jsonl")


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("name", "problem"),
    [
        pytest.param("a\0b", "NUL", id="NUL"),
        pytest.param("x" * 300, "cannot be read", id="a name too long"),
        pytest.param("file/inside", "cannot be read|no such file", id="a file as a folder"),
    ],
)
def test_a_path_that_cannot_be_is_a_mistake_and_no_crash(
    tmp_path: Path, read, name: str, problem: str
) -> None:
    (tmp_path / "file").write_text("x")

    with pytest.raises(DocumentError, match=problem):
        read(tmp_path / name)


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"x")
    (tmp_path / "link").symlink_to("real")

    assert read_bytes(tmp_path / "link") == b"x"


def test_a_document_beyond_the_limit_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as stream:
        stream.truncate(DOCUMENT_LIMIT + 1)

    with pytest.raises(DocumentError, match="larger than 32 MiB"):
        read_bytes(path)


@pytest.mark.parametrize(
    ("limit", "fits"), [pytest.param(3, True, id="as large"), pytest.param(2, False, id="one less")]
)
def test_the_limit_of_a_document_is_exact(tmp_path: Path, limit: int, fits: bool) -> None:
    (tmp_path / "x").write_bytes(b"abc")

    if fits:
        assert read_bytes(tmp_path / "x", limit) == b"abc"
    else:
        with pytest.raises(DocumentError):
            read_bytes(tmp_path / "x", limit)


def test_blank_lines_are_skipped_and_counted(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"a\n\n  \r\nb\r\nc")

    assert list(iterate_lines(tmp_path / "x")) == [(1, b"a"), (4, b"b"), (5, b"c")]


def test_gzip_is_read_through(tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(gzip.compress(b"a\nb\n") + gzip.compress(b"c\n"))

    assert [line for _, line in iterate_lines(tmp_path / "x.gz")] == [b"a", b"b", b"c"]


WHOLE = gzip.compress(b"a line of text\n" * 50)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(WHOLE[:-1], id="cut by one byte"),
        pytest.param(WHOLE[: len(WHOLE) // 2], id="cut in half"),
        pytest.param(WHOLE[:12], id="only the header"),
        pytest.param(b"not gzip at all", id="not gzip"),
        pytest.param(WHOLE[:-8] + bytes(4) + WHOLE[-4:], id="wrong check sum"),
        pytest.param(WHOLE[:20] + b"\xff\xff" + WHOLE[22:], id="damaged inside"),
        pytest.param(WHOLE + b"tail", id="something after the end"),
    ],
)
def test_damaged_gzip_is_a_mistake_and_no_crash(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.gz").write_bytes(content)

    with pytest.raises(DocumentError, match="damaged or cut short"):
        list(iterate_lines(tmp_path / "x.gz"))


def test_an_empty_gzip_file_has_no_line(tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(b"")

    assert list(iterate_lines(tmp_path / "x.gz")) == []


def test_a_line_beyond_the_limit_is_refused_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    with path.open("wb") as stream:
        stream.write(b"{}\n")
        stream.truncate(LINE_LIMIT + 10)

    with pytest.raises(DocumentError, match=r"x.jsonl:2: larger than hitl reads \(64 MiB a line\)"):
        list(iterate_lines(path))


def test_lines_are_streamed(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(b"x" * 1000 + b"\n") * 2000)

    tracemalloc.start()
    n = sum(1 for _ in iterate_lines(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert n == 2000
    assert peak < 1_000_000
