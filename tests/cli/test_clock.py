"""SOURCE_DATE_EPOCH fixes the time, or is refused by name."""

from datetime import UTC, datetime

import pytest

from hitl.cli.clock import now
from hitl.errors import UsageError


@pytest.mark.parametrize(
    ("epoch", "at"),
    [
        ("0", datetime(1970, 1, 1, tzinfo=UTC)),
        ("1780000000", datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC)),
        ("253402300799", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_the_variable_fixes_the_time(
    monkeypatch: pytest.MonkeyPatch, epoch: str, at: datetime
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    assert now() == at


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "")
    assert now() > datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "epoch",
    ["99999999999999", "²", "9" * 26, "9" * 5000, "253402300800", "-1", "1.5", "today", "१"],
)
def test_what_is_no_time_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, epoch: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        now()
