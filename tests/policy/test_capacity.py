"""Whether reviewers can keep up, by hand for one pool and one busy hour."""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from hitl.policy import Policy
from hitl.policy.capacity.parts import Capacity, LineState, PoolCapacity
from hitl.policy.capacity.queues import capacity_document
from hitl.policy.replay.volume import WEEK, Span, hour_of_week
from tests.decisions.logs import Truth, write_log
from tests.policy.policies import a_policy, a_type, one_type
from tests.policy.replay_logs import Row, a_replay, a_row, reviewed, write_rows

TRIAGE: dict[str, Any] = {"members": ["ana"], "capacity_per_hour": 10, "tier": 1, "sla_minutes": 60}


def capacity(log: Path, policy: Policy) -> Capacity:
    with a_replay(log, policy) as found:
        return capacity_document(found)


def a_pool(**changes: object) -> Policy:
    """Return a policy of one type and one pool, of one reviewer who does ten an hour; None takes a part away."""
    pool = {key: value for key, value in (TRIAGE | changes).items() if value is not None}
    return one_type({"audit_rate": 0.0}, pools={"triage": pool})


def triage(log: Path, policy: Policy) -> PoolCapacity:
    (found,) = [pool for pool in capacity(log, policy).pools if pool.pool == "triage"]
    return found


def two_weeks(busy: int, seconds: Sequence[float] = (60.0, 120.0)) -> list[Row]:
    """Return two weeks in which so many wait on each Monday from 9, by two reviewers, and one on each Tuesday."""
    days = ["2026-06-01"] * busy + ["2026-06-02"] + ["2026-06-08"] * busy + ["2026-06-09"]
    rows = [
        reviewed(f"d{n}", at=f"{day}T09:{n % 60:02d}:00Z", confidence=0.1, reviewer_id=f"r{n % 2}",
                 review_seconds=seconds[n // 2 % len(seconds)])
        for n, day in enumerate(days)
    ]  # fmt: skip
    ends = [a_row("first", at="2026-06-01T00:00:00Z"), a_row("last", at="2026-06-14T23:00:00Z")]
    return [*rows, *ends]


@pytest.fixture
def calm(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "log.jsonl", two_weeks(busy=16))


def test_the_busiest_hour_is_a_line_with_the_textbooks_wait(tmp_path: Path) -> None:
    log = write_rows(tmp_path / "log.jsonl", two_weeks(busy=18))

    found = triage(log, a_pool(capacity_per_hour=24, sla_minutes=600))

    # 18 an hour, 150 s each by the stated capacity, which is slower than the measured 90 s: rho 0.75.
    assert (found.busiest, found.busiest_n, found.busiest_hours) == ("Mon 09:00", 36, 2)
    assert found.service_seconds == 150.0
    assert found.measured_per_hour == pytest.approx(3600 / 90, rel=0.02)
    assert found.erlang_c is not None
    assert found.erlang_c.utilisation == pytest.approx(0.75)
    # M/M/1: Wq = rho / (mu - lambda) = 0.75 / 6 hours; p95 = ln(0.75 / 0.05) / 6 hours.
    assert found.erlang_c.mean_wait_minutes == pytest.approx(7.5)
    assert found.erlang_c.p95_wait_minutes == pytest.approx(math.log(15) * 10)
    assert found.erlang_c.queue_length == pytest.approx(18 * 0.125)
    # Half the reviews take 60 s, half 120: cv² is 1/9, so the wait is 5/9 of it.
    assert found.cv2 == pytest.approx(1 / 9, rel=0.1)
    assert found.varying is not None
    assert found.varying.mean_wait_minutes == pytest.approx(7.5 * (1 + (found.cv2 or 0)) / 2)


def test_the_slower_of_measured_and_stated_counts(calm: Path) -> None:
    slow, quick = triage(calm, a_pool(capacity_per_hour=10)), triage(calm, a_pool(capacity_per_hour=1000))  # fmt: skip

    assert slow.service_seconds == 360.0
    assert quick.service_seconds == quick.review_seconds


def test_a_line_that_grows_is_told_with_what_would_help(calm: Path) -> None:
    found = triage(calm, a_pool())

    # 16 come in an hour in which one reviewer does 10.
    assert found.state is LineState.GROWS
    assert found.varying is not None
    assert (found.varying.grows, found.varying.p95_wait_minutes) == (True, None)
    assert found.varying.utilisation == pytest.approx(1.6)
    assert found.most_per_hour is not None
    assert found.most_per_hour < 10
    assert found.share_to_leave == pytest.approx(1 - found.most_per_hour / 16)
    assert found.members_enough == 2
    # What is over at the end of that hour, 6 decisions, is done in the next.
    assert found.hours_over == 1
    assert found.largest_backlog == pytest.approx(6.0)


def test_what_sunday_leaves_over_is_there_on_monday(tmp_path: Path) -> None:
    hours = {"2026-06-01T00": 12, "2026-06-07T23": 30, "2026-06-08T00": 12, "2026-06-14T23": 30}
    rows = [
        reviewed(f"{hour}-{n}", at=f"{hour}:{n:02d}:00Z", confidence=0.1, review_seconds=60.0 + n % 2)
        for hour, size in hours.items()
        for n in range(size)
    ]  # fmt: skip

    found = triage(write_rows(tmp_path / "log.jsonl", rows), a_pool())

    # Ten an hour: 20 are left on Sunday night, 12 more come at midnight, 10 are done.
    assert found.largest_backlog == pytest.approx(22.0)


def test_what_is_left_over_every_week_never_clears(tmp_path: Path) -> None:
    rows = [
        reviewed(f"d{n}", at=f"2026-06-0{1 + n % 7}T{n // 7 % 24:02d}:30:00Z", confidence=0.1,
                 review_seconds=60.0 + n % 2)
        for n in range(168 * 2)
    ]  # fmt: skip

    found = triage(write_rows(tmp_path / "log.jsonl", rows), a_pool(capacity_per_hour=1.5))

    assert found.hours_over == 168
    assert found.largest_backlog is None


def test_a_pool_within_its_sla_at_the_upper_limits_is_within(calm: Path) -> None:
    found = triage(calm, a_pool(members=["ana", "bo", "cy"], capacity_per_hour=120))

    assert found.state is LineState.WITHIN
    assert found.share_to_leave == 0.0


def test_a_pool_that_is_within_by_the_estimates_alone_is_undecided(calm: Path) -> None:
    # 16 an hour, at most 22 by the limits, of which one who does 20 cannot do all.
    assert triage(calm, a_pool(capacity_per_hour=20)).state is LineState.UNDECIDED


def test_a_log_of_less_than_a_week_may_lack_the_busiest_hour(tmp_path: Path) -> None:
    rows = [reviewed(f"d{n}", confidence=0.1, review_seconds=20.0 + n % 5) for n in range(40)]

    found = triage(write_rows(tmp_path / "log.jsonl", rows), a_pool(capacity_per_hour=5000))

    # 40 an hour of 22 s each: busy for a quarter of the hour, and far within 60 minutes.
    assert found.worst is not None
    assert (found.worst.p95_wait_minutes or math.inf) < 5
    assert found.state is LineState.UNDECIDED
    assert "less than a whole week" in found.reason


def test_a_steady_line_that_is_too_slow_is_beyond(calm: Path) -> None:
    assert triage(calm, a_pool(capacity_per_hour=20, sla_minutes=1)).state is LineState.LATE


def test_audits_are_work_too(tmp_path: Path) -> None:
    rows = [
        a_row(f"a{n}", at="2026-06-01T09:00:00Z", human_action="approve", reviewer_id="ana",
              review_seconds=30.0 + n % 3)
        for n in range(40)
    ]  # fmt: skip
    log = write_rows(tmp_path / "log.jsonl", rows)

    found = triage(log, one_type({"audit_rate": 1.0}, pools={"triage": TRIAGE}))

    assert (found.n_decisions, found.state) == (40, LineState.GROWS)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"members": []}, "no members"),
        ({"capacity_per_hour": None}, "no capacity_per_hour"),
        ({"capacity_per_hour": 0}, "no capacity_per_hour"),
    ],
)
def test_a_pool_of_which_something_is_missing_is_unmeasured(
    calm: Path, changes: dict[str, object], reason: str
) -> None:
    found = triage(calm, a_pool(**changes))

    assert found.state is LineState.UNMEASURED
    assert reason in found.reason
    assert (found.varying, found.share_to_leave, found.n_decisions) == (None, None, 34)


def test_a_tier_gives_its_sla_to_a_pool_without_one(calm: Path) -> None:
    assert triage(calm, a_pool(sla_minutes=None)).sla_minutes == 60.0


def test_a_sign_off_without_any_sla_is_unmeasured(calm: Path) -> None:
    found = triage(calm, a_pool(tier=3, sla_minutes=None))

    assert (found.state, found.sla_minutes) == (LineState.UNMEASURED, None)
    assert "no SLA" in found.reason


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([reviewed(f"d{n}", confidence=0.1, review_seconds=None) for n in range(40)], "0 measured review times"),
        ([reviewed(f"d{n}", confidence=0.1, review_seconds=9.0 + n) for n in range(29)], "29 measured review times"),
        ([reviewed(f"d{n}", confidence=0.1, at=None, review_seconds=9.0 + n) for n in range(40)], "has a time"),
        ([reviewed(f"d{n}", confidence=0.1, review_seconds=0.0) for n in range(40)], "times are 0"),
        ([reviewed(f"d{n}", confidence=0.1, review_seconds=9.0) for n in range(40)], "no spread"),
        ([reviewed(f"d{n}", confidence=0.1, human_action="timeout", review_seconds=None) for n in range(40)], "0 measured"),
    ],
    ids=["no times", "few times", "no clock", "all zero", "all alike", "all timeouts"],
)  # fmt: skip
def test_a_log_that_cannot_say_it_leaves_the_pool_unmeasured(
    tmp_path: Path, rows: list[Row], reason: str
) -> None:
    found = triage(write_rows(tmp_path / "log.jsonl", rows), a_pool())

    assert found.state is LineState.UNMEASURED
    assert reason in found.reason


def test_one_decision_without_a_time_is_enough_to_say_nothing(calm: Path) -> None:
    with calm.open("a") as stream:
        stream.write('{"decision_id": "x", "action_type": "act", "confidence": 0.1}\n')

    found = triage(calm, a_pool(capacity_per_hour=1000))

    assert (found.state, found.reason) == (LineState.UNMEASURED, "1 of its decisions have no time")


def test_decisions_for_nobody_are_shown_and_unmeasured(tmp_path: Path) -> None:
    log = write_rows(tmp_path / "log.jsonl", [a_row("a", confidence=0.1)])

    (found,) = capacity(log, one_type({"pool": None}, pools=None)).pools

    assert (found.pool, found.state, found.n_decisions) == (None, LineState.UNMEASURED, 1)
    assert "nobody is named" in found.reason


def test_the_load_of_a_log_whose_truth_is_known_is_found(tmp_path: Path) -> None:
    # 20,000 decisions in 28 days, of which confidence below 0.6, sqrt of a uniform draw, is 36 %.
    log = write_log(tmp_path / "log.parquet", Truth(rows=20_000))
    types = {kind: a_type(audit_rate=0.0, thresholds={"auto": 0.6, "review": 0.6}) for kind in ("restart", "refund", "reply", "close")}  # fmt: skip
    policy = a_policy(
        action_types={kind: action | {"pool": "support"} for kind, action in types.items()},
        pools={"support": TRIAGE | {"members": ["a", "b"], "capacity_per_hour": 20}},
        risk_matrix={
            "high": {
                "high_confidence": "auto",
                "medium_confidence": "audit",
                "low_confidence": "queue",
            }
        },
    )  # fmt: skip

    (found,) = capacity(log, policy).pools

    assert found.mean is not None
    assert found.mean.arrivals_per_hour == pytest.approx(20_000 * 0.36 / 672, rel=0.05)
    # A review takes 5 s and 40 more on average, drawn as an exponential time.
    assert found.review_seconds_low is not None
    assert found.review_seconds_high is not None
    assert found.review_seconds_low < 45 < found.review_seconds_high
    assert found.cv2 == pytest.approx((40 / 45) ** 2, rel=0.1)


@pytest.mark.parametrize(
    ("first", "last", "hour", "times"),
    [(0, 0, 72, 1), (0, 0, 73, 0), (0, 167, 5, 1), (0, 168, 72, 2), (0, 168, 73, 1), (10, 345, 0, 2)],
)  # fmt: skip
def test_hours_of_the_week_are_counted_in_a_span(
    first: int, last: int, hour: int, times: int
) -> None:
    assert Span(first, last).times(hour) == times
    assert sum(hour_of_week(one) == hour for one in range(first, last + 1)) == times


def from_nine(day: str, n: int, apart: int, start: int = 0) -> list[Row]:
    """Return reviewed decisions that come so many seconds apart from 9 on; reviews take 30 and 60 s by turns."""
    return [
        reviewed(f"{day}-{k}", at=f"{day}T09:{k * apart // 60:02d}:{k * apart % 60:02d}Z", confidence=0.1,
                 reviewer_id=f"r{k % 3}", review_seconds=30.0 + 30 * (k // 3 % 2))
        for k in range(start, start + n)
    ]  # fmt: skip


MONDAYS = ("2026-06-01", "2026-06-08", "2026-06-15")
ENDS = [a_row("first", at="2026-06-01T00:00:00Z"), a_row("last", at="2026-06-21T23:00:00Z")]


class TestBursts:
    """Forty decisions an hour, of which one reviewer does sixty: one each 90 seconds, or all within a second."""

    def test_what_comes_steadily_is_looked_at_in_time(self, tmp_path: Path) -> None:
        rows = [row for day in MONDAYS for row in from_nine(day, 40, 90)]

        found = triage(write_rows(tmp_path / "log.jsonl", [*rows, *ENDS]), a_pool(capacity_per_hour=60, sla_minutes=20))  # fmt: skip

        assert (found.state, found.logged_late_busiest, found.logged_late) == (LineState.WITHIN, 0.0, 0.0)  # fmt: skip

    def test_what_comes_at_once_is_not(self, tmp_path: Path) -> None:
        rows = [row | {"at": f"{day}T09:00:00Z"} for day in MONDAYS for row in from_nine(day, 40, 90)]  # fmt: skip

        found = triage(write_rows(tmp_path / "log.jsonl", [*rows, *ENDS]), a_pool(capacity_per_hour=60, sla_minutes=20))  # fmt: skip

        # A minute each: the 22nd is the first that waits longer than 20 minutes.
        assert found.state is LineState.LATE
        assert found.logged_late_busiest == found.logged_late == pytest.approx(19 / 40)
        assert "bursts" in found.reason


class TestGaps:
    """A row from another year does not thin out the weeks that the log is about."""

    def test_a_stray_old_row_changes_no_rate(self, tmp_path: Path) -> None:
        rows = two_weeks(busy=18)
        stray = a_row("stray", at="2019-01-01T00:00:00Z", confidence=0.1)

        plain = triage(write_rows(tmp_path / "log.jsonl", rows), a_pool(capacity_per_hour=24))
        with_stray = capacity(
            write_rows(tmp_path / "stray.jsonl", [stray, *rows]), a_pool(capacity_per_hour=24)
        )

        found = next(pool for pool in with_stray.pools if pool.pool == "triage")
        assert plain.varying is not None
        assert found.varying == plain.varying
        assert (found.state, found.busiest_hours) == (plain.state, 2)
        # 14 days and the stray hour; everything between them is told.
        assert with_stray.n_hours == 14 * 24 + 1
        assert with_stray.n_quiet_hours > 7 * 364 * 24

    def test_many_mondays_are_no_week(self, tmp_path: Path) -> None:
        # Nine Mondays, each three weeks after the other: more than 168 hours, and 24 different ones of the week.
        days = [f"{date(2025, 6, 2) + timedelta(weeks=3 * n)}" for n in range(9)]
        rows = [
            row
            for day in days
            for row in (
                *from_nine(day, 6, 90),
                a_row(f"{day}-first", at=f"{day}T00:00:00Z"),
                a_row(f"{day}-last", at=f"{day}T23:00:00Z"),
            )
        ]

        found = triage(
            write_rows(tmp_path / "log.jsonl", rows), a_pool(capacity_per_hour=60, sla_minutes=60)
        )

        assert (found.state, found.busiest_hours) == (LineState.UNDECIDED, 9)
        assert "less than a whole week" in found.reason

    def test_stretches_without_decisions_are_not_covered(self) -> None:
        gap = Span(0, 3 * WEEK - 1, (Span(10, 10 + WEEK),))

        assert Span(0, 3 * WEEK - 1).hours == 3 * WEEK
        assert gap.hours == 3 * WEEK - WEEK - 1
        assert gap.times(hour_of_week(10)) == 1
        assert gap.times(hour_of_week(11)) == 2
        assert sum(gap.times(hour) for hour in range(WEEK)) == gap.hours


def test_review_times_of_next_to_nothing_are_no_measurement(tmp_path: Path) -> None:
    log = write_rows(tmp_path / "log.jsonl", two_weeks(busy=18, seconds=(0.0001, 0.0002)))

    found = triage(log, a_pool())

    assert (found.state, found.cv2, found.measured_per_hour) == (LineState.UNMEASURED, None, None)
    assert "review times are 0" in found.reason
