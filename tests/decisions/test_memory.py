"""A log that does not fit into the memory that the engine may use."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hitl.decisions.reduce import count_log, reduce_log
from hitl.decisions.source import open_log
from hitl.decisions.sql.duck import Limits
from hitl.errors import UsageError
from tests.decisions.logs import SPIKE, Truth, write_log

AT = datetime(2026, 11, 1, tzinfo=UTC)
MB = 100


def test_a_log_larger_than_memory_gives_the_same_integers(tmp_path: Path) -> None:
    truth = Truth(rows=600_000)
    large = write_log(tmp_path / "log.csv", truth)
    assert large.stat().st_size > MB * 1_000_000

    with open_log([str(large)], AT, limits=Limits(MB, threads=1), folder=tmp_path) as log:
        counts = count_log(log)
    with open_log([str(write_log(tmp_path / "log.parquet", truth))], AT) as log:
        plain = count_log(log)

    assert counts.n == 600_000
    for table in ("cells", "review", "wait", "reviewers"):
        found, expected = getattr(counts, table), getattr(plain, table)
        assert found.words == expected.words
        assert sorted(map(str, found.lines())) == sorted(map(str, expected.lines()))


def test_too_little_memory_is_told_with_what_to_do(tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.parquet", SPIKE)

    with (
        open_log([str(path)], AT, limits=Limits(2, threads=1)) as log,
        pytest.raises(
            UsageError, match=r"needs more than 2 MB of memory .* allow more, or name fewer files"
        ),
    ):
        reduce_log(log)
