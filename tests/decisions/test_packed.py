"""Packed logs: what was changed after it was packed is not read, by whatever engine."""

import gzip
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hitl.decisions.query import EngineName
from hitl.decisions.reduce import count_log
from hitl.decisions.source import open_log
from hitl.decisions.sql.packed import check_packed, unpack
from hitl.errors import DocumentError

AT = datetime(2026, 11, 1, tzinfo=UTC)
ROWS = b"".join(b"d%d,queue\n" % n for n in range(200))
TEXTS = {
    "log.csv.gz": b"decision_id,lane\n" + ROWS,
    "log.jsonl.gz": b"".join(b'{"decision_id": "d%d", "lane": "queue"}\n' % n for n in range(200)),
}
SPARK = [pytest.mark.spark, pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")]


@pytest.fixture(params=[EngineName.DUCKDB, pytest.param(EngineName.SPARK, marks=SPARK)])
def engine(request: pytest.FixtureRequest) -> EngineName:
    found = EngineName(request.param)
    if found is EngineName.SPARK:
        request.getfixturevalue("spark_session")
    return found


def packed(content: bytes, check: int, size: int) -> bytes:
    """A gzip file that keeps its content as it is, with any checksum and size at its end."""
    stored = b"\x01" + struct.pack("<HH", len(content), len(content) ^ 0xFFFF) + content
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + stored + struct.pack("<II", check, size)


def sound(content: bytes) -> bytes:
    return packed(content, zlib.crc32(content), len(content))


def changed(content: bytes) -> bytes:
    return sound(content).replace(b"d7", b"d8", 1)


def wrong_checksum(content: bytes) -> bytes:
    return packed(content, zlib.crc32(content) ^ 1, len(content))


def wrong_size(content: bytes) -> bytes:
    return packed(content, zlib.crc32(content), len(content) + 1)


def without_end(content: bytes) -> bytes:
    return sound(content)[:-8]


def cut(content: bytes) -> bytes:
    return gzip.compress(content)[:-20]


@pytest.mark.parametrize("name", TEXTS)
def test_a_packed_log_that_is_as_it_was_packed_is_read(
    tmp_path: Path, name: str, engine: EngineName
) -> None:
    (tmp_path / name).write_bytes(sound(TEXTS[name]))

    with open_log([str(tmp_path / name)], AT, engine=engine) as log:
        assert count_log(log).n == 200


@pytest.mark.parametrize("damage", [changed, wrong_checksum, wrong_size, without_end, cut])
@pytest.mark.parametrize("name", TEXTS)
def test_a_packed_log_that_is_not_as_it_was_packed_is_refused(
    tmp_path: Path, name: str, damage: Callable[[bytes], bytes], engine: EngineName
) -> None:
    (tmp_path / name).write_bytes(damage(TEXTS[name]))

    with (
        pytest.raises(DocumentError, match=f"{name}: the compressed file is damaged or cut short"),
        open_log([str(tmp_path / name)], AT, engine=engine),
    ):
        pass


def test_every_damaged_file_is_named(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        make = changed if name != "b" else sound
        (tmp_path / f"{name}.csv.gz").write_bytes(make(TEXTS["log.csv.gz"]))

    with pytest.raises(DocumentError) as caught, open_log([str(tmp_path / "*.gz")], AT):
        pass

    assert [Path(one.file).name for one in caught.value.mistakes] == ["a.csv.gz", "c.csv.gz"]


def test_packed_and_plain_files_with_one_header_are_one_part(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(TEXTS["log.csv.gz"]))
    (tmp_path / "b.csv").write_bytes(b"decision_id,lane\nlast,auto\n")

    with open_log([str(tmp_path / "*")], AT) as log:
        assert [len(part.names) for part in log.parts] == [2]
        assert count_log(log).n == 201


def test_nothing_expands_beyond_its_limit(tmp_path: Path) -> None:
    (tmp_path / "log.csv.gz").write_bytes(gzip.compress(b"x" * 1_001))

    unpack(tmp_path / "log.csv.gz", tmp_path / "whole", most=1_001)
    assert (tmp_path / "whole").read_bytes() == b"x" * 1_001
    for look in (check_packed, lambda path, most: unpack(path, tmp_path / "part", most)):
        with pytest.raises(DocumentError, match="expands to more than 1,000 bytes; divide it"):
            look(tmp_path / "log.csv.gz", 1_000)


def test_no_room_to_unpack_is_told(tmp_path: Path) -> None:
    (tmp_path / "log.csv.gz").write_bytes(gzip.compress(b"x" * 5_000_000))

    with pytest.raises(
        DocumentError, match=r"temporary folder .No space left on device.; make room"
    ):
        unpack(tmp_path / "log.csv.gz", Path("/dev/full"))
