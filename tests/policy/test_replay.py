"""What a policy would have done with logged decisions, counted by hand."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from hitl.decisions.source import open_log
from hitl.errors import DocumentError
from hitl.policy import Lane, Policy
from hitl.policy.people import WhenLate
from hitl.policy.replay.fields import rule_fields
from hitl.policy.replay.over_log import stage_for
from hitl.policy.replay.parts import Misses, PolicyReplay, Replay
from hitl.policy.replay.tally import Replayer
from tests.decisions.logs import Truth, write_log
from tests.policy.policies import a_policy, a_type, one_type
from tests.policy.replay_logs import NOW, a_row, replayed, reviewed, ten_decisions, write_rows

TIMEOUTS = {
    "triage": {"after_minutes": 30, "then": "escalate"},
    "audit": {"after_minutes": 60, "then": "page"},
}


@pytest.fixture
def ten(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "ten.jsonl", ten_decisions())


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_log(tmp_path_factory.mktemp("log") / "log.parquet", Truth(rows=5_000))


def a_plain_policy(**changes: object) -> Policy:
    """Return a policy under which nothing that runs alone is audited."""
    return one_type({"audit_rate": 0.0}, **changes)


def only(found: Replay) -> PolicyReplay:
    return found.policies[0]


def everything(found: Replay) -> Misses:
    total = only(found).misses[0]
    assert total.is_total
    return total


def test_lanes_are_counted_by_action_type(ten: Path) -> None:
    found = only(replayed(ten, a_plain_policy()))

    known, odd = found.types
    # 0.9 runs; 0.7 lies between the thresholds and runs with every one reviewed; the rest waits.
    assert (known.action_type, known.is_known, known.n, known.n_audited) == ("act", True, 9, 2)
    assert known.lanes == {Lane.AUTO: 4, Lane.AUDIT: 2, Lane.QUEUE: 3, Lane.ESCALATE: 0}
    assert known.shares[Lane.QUEUE] == pytest.approx(1 / 3)
    assert (odd.action_type, odd.is_known, odd.lanes[Lane.ESCALATE]) == ("odd", False, 1)
    assert found.lanes == {Lane.AUTO: 4, Lane.AUDIT: 2, Lane.QUEUE: 3, Lane.ESCALATE: 1}


def test_work_is_counted_by_pool_and_hour(ten: Path) -> None:
    found = only(replayed(ten, a_plain_policy()))

    triage, experts = found.pools
    # d7, d8, d9 wait; d5 and d6 are looked at afterwards; four of the five at 9, d7 at 10.
    assert (triage.pool, triage.n_first, triage.n_after, triage.n_without_time) == ("triage", 3, 2, 0)  # fmt: skip
    assert (triage.busiest_hour, triage.busiest_n) == ("2026-06-01T09:00Z", 4)
    assert triage.per_hour == 2.5
    assert (experts.pool, experts.n_first) == ("experts", 1)


def test_misses_weigh_labels_by_their_chance_of_review(ten: Path) -> None:
    found = everything(replayed(ten, a_plain_policy()))

    # Chance 0.5: 4 decisions, 1 of 2 labels wrong. Chance 1: 2 decisions, 1 of 2 wrong.
    assert (found.n_alone, found.n_labelled, found.n_wrong, found.share_unknown) == (6, 4, 2, 0.0)
    assert found.rate == pytest.approx(4 / 6 * 1 / 2 + 2 / 6 * 1 / 2)
    assert found.expected == pytest.approx(3.0)
    assert found.effective_n == pytest.approx(1 / ((4 / 6) ** 2 / 2 + (2 / 6) ** 2 / 2))
    assert found.expected_low is not None
    assert found.expected_high is not None
    assert 0 <= found.expected_low < 3 < found.expected_high <= 6


def test_waits_are_held_against_the_lane_before_the_pool(ten: Path) -> None:
    late = only(replayed(ten, a_plain_policy(timeouts=TIMEOUTS))).late

    assert [(one.lane, one.pool, one.limit_minutes, one.then) for one in late] == [
        (Lane.ESCALATE, "experts", 240.0, None),
        (Lane.QUEUE, "triage", 30.0, WhenLate.ESCALATE),
        (Lane.AUDIT, "triage", 60.0, WhenLate.PAGE),
    ]
    # d10 has no wait; d7 came in time, nobody came for d8, d9 has no wait; d5 10 minutes, d6 120.
    assert [(one.n_late, one.n_in_time, one.n_unknown) for one in late] == [
        (0, 0, 1),
        (1, 1, 1),
        (1, 1, 0),
    ]


def test_changes_against_the_log_name_the_first_decisions(ten: Path) -> None:
    (found,) = replayed(ten, a_plain_policy()).comparisons

    assert (found.n_same, found.n_laxer, found.n_stricter, found.n_unknown) == (8, 2, 0, 0)
    (change,) = found.changes
    assert (change.action_type, change.before, change.after, change.n) == ("act", Lane.QUEUE, Lane.AUDIT, 2)  # fmt: skip
    assert change.examples == ("d5", "d6")
    # The log sent five to triage and one to experts; so does the policy.
    assert [(one.pool, one.before, one.after) for one in found.pools] == [("experts", 1, 1), ("triage", 5, 5)]  # fmt: skip


def test_two_policies_are_compared_lane_by_lane(ten: Path) -> None:
    stricter = one_type({"audit_rate": 0.0, "thresholds": {"auto": 0.95, "review": 0.8}})

    found = replayed(ten, stricter, a_plain_policy())

    _, beside = found.comparisons
    assert beside.against == "policy"
    assert (beside.n_same, beside.n_laxer, beside.n_stricter) == (4, 0, 6)
    moves = {(one.before, one.after): one.n for one in beside.changes}
    assert moves == {(Lane.AUTO, Lane.AUDIT): 4, (Lane.AUDIT, Lane.QUEUE): 2}
    # All four at 0.9 are now looked at afterwards.
    assert [(one.pool, one.before, one.after) for one in beside.pools] == [("triage", 5, 9), ("experts", 1, 1)]  # fmt: skip


def test_a_replay_gives_the_same_bytes_again(generated: Path) -> None:
    policy = a_policy(action_types={kind: a_type() for kind in ("restart", "refund", "reply", "close")})  # fmt: skip

    first, second = (replayed(generated, policy).model_dump_json() for _ in range(2))

    assert first == second


def test_how_the_log_is_cut_into_batches_changes_nothing(generated: Path) -> None:
    policy = a_policy(action_types={kind: a_type() for kind in ("restart", "refund")})
    tallies = []
    for size in (10_000, 999, 64):
        with open_log([str(generated)], NOW) as log:
            staged, _ = stage_for(log, (policy,))
            replayer = Replayer(policy, rule_fields(policy.lane_rules))
            for batch in staged.batches(size):
                replayer.take(batch)
            tallies.append(replayer.tally)

    assert tallies[0] == tallies[1] == tallies[2]
    assert tallies[0].lanes.total() == 5_000


@pytest.mark.parametrize("audit_rate", [None, 0.3])
def test_the_lanes_are_those_that_the_policy_gives_one_by_one(
    generated: Path, audit_rate: float | None
) -> None:
    policy = a_policy(
        action_types={kind: a_type(audit_rate=audit_rate) for kind in ("restart", "refund", "reply")}
    )  # fmt: skip
    with open_log([str(generated)], NOW) as log:
        rows = log.rows("SELECT decision_id, action_type, confidence, risk FROM decisions")
    answers = [
        policy.lane(dict(zip(("decision_id", "action_type", "confidence", "risk"), row, strict=True)))
        for row in rows
    ]  # fmt: skip

    found = only(replayed(generated, policy))

    assert found.lanes == {lane: sum(one.lane is lane for one in answers) for lane in Lane}
    drawn = sum(one.is_audited for one in answers if one.lane in (Lane.AUTO, Lane.AUDIT))
    assert sum(one.n_audited for one in found.types) == drawn > 0


def test_a_stricter_policy_never_sends_less_to_people(generated: Path) -> None:
    kinds = ("restart", "refund", "reply", "close")
    sent = []
    for auto, review in ((0.5, 0.2), (0.5, 0.4), (0.7, 0.4), (0.9, 0.4), (0.9, 0.9), (1.0, 1.0)):
        types = {kind: a_type(thresholds={"auto": auto, "review": review}) for kind in kinds}
        pools = only(replayed(generated, a_policy(action_types=types))).pools
        sent.append(sum(pool.n_first for pool in pools))

    assert sent == sorted(sent)
    assert sent[0] < sent[-1] <= 5_000


def test_the_misses_of_a_log_whose_truth_is_known_lie_within_their_limits(
    tmp_path: Path,
) -> None:
    truth = Truth(rows=40_000, audit=0.2, error=0.08, seed=3)
    log = write_log(tmp_path / "log.parquet", truth)
    kinds = ("restart", "refund", "reply", "close")
    types = {kind: a_type(risk="low", thresholds={"auto": 0.6, "review": 0.6}) for kind in kinds}
    with open_log([str(log)], NOW) as opened:
        # A decision is wrong with chance error * (2 - confidence), whoever sees it.
        (expected,) = opened.rows(
            "SELECT SUM(0.08 * (2 - confidence)) FROM decisions WHERE confidence >= 0.6 AND risk IN ('low', 'medium')"
        )[0]

    policy = a_policy(action_types={kind: types[kind] for kind in ("reply", "close")})
    found = everything(replayed(log, policy))

    assert found.expected_low is not None
    assert found.expected_high is not None
    assert found.expected_low < expected < found.expected_high
    assert found.expected == pytest.approx(expected, rel=0.15)


def test_planted_rows_are_told_and_not_replayed(tmp_path: Path) -> None:
    rows = [*ten_decisions(), a_row("planted", seeded_error=True, correct=False)]

    found = replayed(write_rows(tmp_path / "log.jsonl", rows), a_plain_policy())

    assert (found.n, found.n_seeded) == (10, 1)
    assert everything(found).n_wrong == 2


class TestAbsence:
    """Nothing that is missing counts as fine."""

    def test_no_label_says_nothing_of_misses(self, tmp_path: Path) -> None:
        log = write_rows(tmp_path / "log.jsonl", [a_row(f"d{n}") for n in range(5)])

        found = everything(replayed(log, a_plain_policy()))

        assert (found.n_alone, found.rate, found.expected, found.share_unknown) == (5, None, None, 1.0)  # fmt: skip
        assert found.reason

    def test_labels_without_review_probability_speak_for_no_other(self, tmp_path: Path) -> None:
        rows = [a_row(f"d{n}", review_probability=None, correct=True if n < 3 else None) for n in range(5)]  # fmt: skip

        found = everything(replayed(write_rows(tmp_path / "log.jsonl", rows), a_plain_policy()))

        assert (found.n_labelled, found.rate, found.share_unknown) == (3, None, 1.0)
        assert "review_probability" in found.reason

    def test_if_every_decision_is_labelled_no_probability_is_needed(self, tmp_path: Path) -> None:
        rows = [a_row(f"d{n}", review_probability=None, correct=n > 0) for n in range(5)]

        found = everything(replayed(write_rows(tmp_path / "log.jsonl", rows), a_plain_policy()))

        assert found.rate == pytest.approx(0.2)
        assert found.expected == pytest.approx(1.0)

    def test_a_part_without_labels_widens_the_limits_to_all_of_it(self, tmp_path: Path) -> None:
        rows = [a_row(f"a{n}", correct=True, review_probability=1.0) for n in range(6)]
        rows += [a_row(f"b{n}", review_probability=0.01) for n in range(4)]

        found = everything(replayed(write_rows(tmp_path / "log.jsonl", rows), a_plain_policy()))

        assert (found.rate, found.expected) == (0.0, None)
        assert found.share_unknown == pytest.approx(0.4)
        assert found.expected_high is not None
        assert found.expected_high >= 4

    def test_labels_of_approvals_alone_say_nothing(self, tmp_path: Path) -> None:
        rows = [reviewed(f"a{n}", confidence=0.9) for n in range(20)]
        rows += [reviewed(f"r{n}", confidence=0.9, human_action="reject", correct=None) for n in range(5)]  # fmt: skip

        found = everything(replayed(write_rows(tmp_path / "log.jsonl", rows), a_plain_policy()))

        # Taken as they are, these labels would say that nothing is wrong.
        assert (found.n_labelled, found.n_wrong, found.rate, found.expected_high) == (20, 0, None, None)  # fmt: skip
        assert found.share_unknown == 1.0
        assert "0 of 5 overridden decisions have a label and 20 of 20 approved ones" in found.reason

    def test_labels_that_are_late_for_all_alike_are_used(self, tmp_path: Path) -> None:
        rows = [reviewed(f"a{n}", confidence=0.9, correct=True if n % 2 else None) for n in range(20)]  # fmt: skip
        rows += [reviewed(f"r{n}", confidence=0.9, human_action="reject", correct=False if n % 2 else None) for n in range(6)]  # fmt: skip

        found = everything(replayed(write_rows(tmp_path / "log.jsonl", rows), a_plain_policy()))

        assert found.rate == pytest.approx(3 / 13)

    def test_labels_that_had_no_chance_cannot_be_weighted(self, tmp_path: Path) -> None:
        rows = [a_row("a", review_probability=0.0, correct=True), a_row("b", review_probability=0.0)]  # fmt: skip

        found = everything(replayed(write_rows(tmp_path / "log.jsonl", rows), a_plain_policy()))

        assert (found.rate, found.share_unknown) == (None, 1.0)

    def test_nothing_that_runs_alone_has_no_rate(self, tmp_path: Path) -> None:
        log = write_rows(tmp_path / "log.jsonl", [a_row("a", confidence=0.1)])

        found = everything(replayed(log, a_plain_policy()))

        assert (found.n_alone, found.rate, found.share_unknown) == (0, None, None)

    def test_a_confidence_that_is_no_number_goes_to_a_person(self, tmp_path: Path) -> None:
        log = tmp_path / "log.parquet"
        with duckdb.connect() as connection:
            rows = "SELECT 'd' || i AS decision_id, 'act' AS action_type, NULL::DOUBLE AS confidence FROM RANGE(3) AS t(i)"
            connection.execute(f"COPY ({rows}) TO '{log}' (FORMAT parquet)")

        assert only(replayed(log, a_plain_policy())).lanes[Lane.QUEUE] == 3

    def test_all_timeouts_are_all_late(self, tmp_path: Path) -> None:
        rows = [
            reviewed(f"d{n}", confidence=0.1, human_action="timeout", wait_seconds=1.0)
            for n in range(4)
        ]

        found = replayed(write_rows(tmp_path / "log.jsonl", rows), a_plain_policy(timeouts=TIMEOUTS))  # fmt: skip

        (late,) = only(found).late
        assert (late.n_late, late.n_in_time, late.n_unknown) == (4, 0, 0)

    def test_without_logged_lanes_there_is_no_comparison(self, tmp_path: Path) -> None:
        log = write_rows(tmp_path / "log.jsonl", [a_row("a", lane=None)])

        (found,) = replayed(log, a_plain_policy()).comparisons

        assert "no column `lane`" in found.reason
        assert (found.n_same, found.changes) == (0, ())

    def test_a_row_without_a_lane_is_unknown_and_not_the_same(self, tmp_path: Path) -> None:
        log = write_rows(tmp_path / "log.jsonl", [a_row("a", lane=None), a_row("b")])

        (found,) = replayed(log, a_plain_policy()).comparisons

        assert (found.n_same, found.n_unknown, found.n_laxer) == (1, 1, 0)

    def test_without_times_there_is_no_rate_of_work(self, tmp_path: Path) -> None:
        log = write_rows(tmp_path / "log.jsonl", [a_row("a", at=None, confidence=0.1)])

        found = replayed(log, a_plain_policy())

        (pool,) = only(found).pools
        assert (pool.per_hour, pool.busiest_hour, pool.n_without_time) == (None, None, 1)
        assert found.first_hour is None


def test_a_year_without_decisions_is_told_and_counts_in_no_rate(tmp_path: Path) -> None:
    rows = [a_row("old", at="2025-01-01T00:00:00Z"), a_row("a", confidence=0.1), a_row("b", at="2026-06-01T12:00:00Z")]  # fmt: skip

    found = replayed(write_rows(tmp_path / "log.jsonl", rows), a_plain_policy())

    # The first hour, and 9 to 12 of the last day.
    (pool,) = only(found).pools
    assert pool.per_hour == pytest.approx(1 / 5)
    assert found.n_quiet_hours == (datetime(2026, 6, 1, 9, tzinfo=UTC) - datetime(2025, 1, 1, 1, tzinfo=UTC)) // timedelta(hours=1)  # fmt: skip


def test_ids_in_examples_are_redacted(tmp_path: Path) -> None:
    rows = [a_row("ana@example.com", lane="queue"), a_row("b\x1b[2J", lane="queue")]

    (found,) = replayed(write_rows(tmp_path / "log.jsonl", rows), a_plain_policy()).comparisons

    assert found.changes[0].examples[0] == "[email]"


def test_a_decision_in_two_rows_is_refused(tmp_path: Path) -> None:
    log = write_rows(tmp_path / "log.jsonl", [a_row("a"), a_row("a")])

    with pytest.raises(DocumentError, match="stands in several rows"):
        replayed(log, a_plain_policy())


def test_an_unknown_word_is_refused(tmp_path: Path) -> None:
    log = write_rows(tmp_path / "log.jsonl", [a_row("a", lane="fast")])

    with pytest.raises(DocumentError, match="unknown words"):
        replayed(log, a_plain_policy())
