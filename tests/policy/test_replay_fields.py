"""Rules that ask for what a log has, has under another name, or lacks."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from hitl.policy import Lane, Policy
from hitl.policy.expression import HINDSIGHT, names_all_fields
from hitl.policy.lane import LaneDecision
from tests.policy.policies import a_policy, one_type
from tests.policy.replay_logs import Row, a_row, replayed, write_rows

AMOUNT = [{"when": "decision.content.amount > 100", "risk": "critical"}]


def a_policy_that_asks(**changes: Any) -> Policy:  # noqa: ANN401  # parts of a policy
    return one_type({"audit_rate": 0.0}, **({"dynamic_risk": AMOUNT} | changes))


def escalated(log: Path, policy: Policy) -> int:
    return replayed(log, policy).policies[0].lanes[Lane.ESCALATE]


@pytest.mark.parametrize("field", ["amount", "content.amount"])
def test_content_may_stand_in_a_column_of_its_own(tmp_path: Path, field: str) -> None:
    rows = [a_row("a", **{field: 50}), a_row("b", **{field: 500}), a_row("c", **{field: 99.5})]

    assert escalated(write_rows(tmp_path / "log.jsonl", rows), a_policy_that_asks()) == 1


def test_content_may_be_an_object(tmp_path: Path) -> None:
    rows = [a_row("a", content={"amount": 50}), a_row("b", content={"amount": 500})]

    assert escalated(write_rows(tmp_path / "log.jsonl", rows), a_policy_that_asks()) == 1


@pytest.mark.parametrize(
    "column",
    ["{'amount': n}", "CAST({'amount': n} AS JSON)", "CAST(CAST({'amount': n} AS JSON) AS VARCHAR)"],
)  # fmt: skip
def test_content_may_be_a_structure_or_json_of_a_table(tmp_path: Path, column: str) -> None:
    log = tmp_path / "log.parquet"
    with duckdb.connect() as connection:
        sql = f"SELECT 'd' || n AS decision_id, 'act' AS action_type, 0.9 AS confidence, {column} AS content FROM (VALUES (50), (500)) AS t(n)"  # noqa: S608  # a test's own
        connection.execute(f"COPY ({sql}) TO '{log}' (FORMAT parquet)")

    assert escalated(log, a_policy_that_asks()) == 1


def test_numbers_of_a_text_log_are_numbers_if_all_are(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("decision_id,action_type,confidence,amount\na,act,0.9,50\nb,act,0.9,500\n")

    assert escalated(log, a_policy_that_asks()) == 1


def test_one_word_among_numbers_makes_them_texts_and_the_rule_holds_for_all(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log.csv"
    log.write_text("decision_id,action_type,confidence,amount\na,act,0.9,50\nb,act,0.9,much\n")

    assert escalated(log, a_policy_that_asks()) == 2


def test_the_texts_of_a_typed_log_stay_texts(tmp_path: Path) -> None:
    log = tmp_path / "log.parquet"
    with duckdb.connect() as connection:
        sql = "SELECT 'd' AS decision_id, 'act' AS action_type, 0.9 AS confidence, '50' AS amount"
        connection.execute(f"COPY ({sql}) TO '{log}' (FORMAT parquet)")

    assert escalated(log, a_policy_that_asks()) == 1


@pytest.mark.parametrize("value", ["NULL::DOUBLE", "'nan'::DOUBLE", "'inf'::DOUBLE"])
def test_no_number_is_never_a_small_number(tmp_path: Path, value: str) -> None:
    log = tmp_path / "log.parquet"
    with duckdb.connect() as connection:
        sql = f"SELECT 'd' || i AS decision_id, 'act' AS action_type, 0.9 AS confidence, CASE i WHEN 0 THEN 5.0 ELSE {value} END AS amount FROM RANGE(2) AS t(i)"  # noqa: S608  # a test's own
        connection.execute(f"COPY ({sql}) TO '{log}' (FORMAT parquet)")

    found = replayed(log, a_policy_that_asks()).policies[0]

    assert (found.lanes[Lane.AUTO], found.lanes[Lane.ESCALATE]) == (1, 1)
    assert [(one.rule, one.n, one.lacked) for one in found.unread] == [("dynamic_risk:1", 1, ())]


@pytest.mark.parametrize("field", ["cost_usd", "latency_ms"])
def test_a_missing_number_of_hitls_own_is_never_small_either(tmp_path: Path, field: str) -> None:
    rows = [a_row("a", **{field: 1.0}), a_row("b")]
    policy = a_policy_that_asks(dynamic_risk=[{"when": f"decision.{field} > 5.0", "risk": "critical"}])  # fmt: skip

    assert escalated(write_rows(tmp_path / "log.jsonl", rows), policy) == 1


class TestALogThatLacksWhatRulesAskFor:
    """It says so, and how much of the work comes from it."""

    @pytest.fixture
    def log(self, tmp_path: Path) -> Path:
        return write_rows(tmp_path / "log.jsonl", [a_row("a"), a_row("b"), a_row("c", confidence=0.1)])  # fmt: skip

    def test_the_rule_counts_as_holding(self, log: Path) -> None:
        found = replayed(log, a_policy_that_asks()).policies[0]

        assert found.lanes[Lane.ESCALATE] == 3
        (rule,) = found.unread
        assert (rule.rule, rule.lacked, rule.n, rule.is_set_aside) == ("dynamic_risk:1", ("content.amount",), 3, False)  # fmt: skip
        # Two of the three would have run; the third waits for a person whatever the rule says.
        assert found.n_because_unread == 2

    def test_it_can_be_set_aside_and_that_is_told(self, log: Path) -> None:
        found = replayed(log, a_policy_that_asks(), sets_aside=True).policies[0]

        assert (found.lanes[Lane.AUTO], found.lanes[Lane.QUEUE]) == (2, 1)
        assert found.unread[0].is_set_aside
        assert found.n_because_unread == 0

    def test_setting_aside_leaves_rules_that_can_be_read(self, log: Path, tmp_path: Path) -> None:
        rows = [json.loads(line) for line in log.read_text().splitlines()]
        rows[0]["amount"] = 500

        found = replayed(
            write_rows(tmp_path / "more.jsonl", rows),
            a_policy_that_asks(dynamic_risk=[*AMOUNT, {"when": "decision.content.who == 'x'", "risk": "high"}]),
            sets_aside=True,
        ).policies[0]  # fmt: skip

        # Nobody knows the amounts of b and c, so the first rule holds for them too.
        assert found.lanes[Lane.ESCALATE] == 3
        assert [(one.rule, one.is_set_aside) for one in found.unread] == [("dynamic_risk:1", False), ("dynamic_risk:2", True)]  # fmt: skip

    @pytest.mark.parametrize(
        ("indicator", "field"),
        [
            ({"model_younger_than_days": 14}, "model_active_since"),
            ({"new_output_format": ["json"]}, "output_format"),
            ({"unusual_length": {"at_most": 9}}, "output_tokens"),
        ],
    )
    def test_an_indicator_holds_too(self, log: Path, indicator: dict[str, Any], field: str) -> None:
        indicators = [{"id": "odd", **indicator, "effect": {"lane": "queue"}}]
        policy = a_policy_that_asks(dynamic_risk=[], risk_indicators=indicators)

        found = replayed(log, policy).policies[0]

        assert found.lanes[Lane.QUEUE] == 3
        (rule,) = found.unread
        assert (rule.rule, rule.lacked) == ("indicator:odd", (field,))


def test_fields_of_indicators_are_read_where_the_log_has_them(tmp_path: Path) -> None:
    indicators = [
        {"model_younger_than_days": 14, "effect": {"lane": "queue"}},
        {"unusual_length": {"at_most": 100}, "effect": {"lane": "queue"}},
    ]
    policy = a_policy_that_asks(dynamic_risk=[], risk_indicators=indicators)
    rows = [
        a_row("old", model_active_since="2026-01-01T00:00:00Z", output_tokens=50),
        a_row("young", model_active_since="2026-05-31T00:00:00Z", output_tokens=50),
        a_row("long", model_active_since="2026-01-01T00:00:00Z", output_tokens=500),
    ]

    found = replayed(write_rows(tmp_path / "log.jsonl", rows), policy).policies[0]

    assert (found.lanes[Lane.AUTO], found.lanes[Lane.QUEUE], found.unread) == (1, 2, ())


def test_a_model_that_failed_goes_to_a_person(tmp_path: Path) -> None:
    rows = [a_row("a"), a_row("b", failure="model_error")]

    found = replayed(write_rows(tmp_path / "log.jsonl", rows), a_policy_that_asks(dynamic_risk=[]))

    assert found.policies[0].lanes[Lane.QUEUE] == 1


@pytest.mark.parametrize("content", ["{not json", "[1]", '"text"', "[" * 5000])
def test_content_that_cannot_be_read_makes_the_rule_hold(tmp_path: Path, content: str) -> None:
    rows = [a_row("a", content=content), a_row("b", content={"amount": 5})]

    found = replayed(write_rows(tmp_path / "log.jsonl", rows), a_policy_that_asks()).policies[0]

    assert found.lanes[Lane.ESCALATE] == 1


THIN = [{"when": "decision.content.evidence == 'thin'", "risk": "critical"}]


@pytest.mark.parametrize(
    "rows",
    [
        [a_row("a", evidence="thin"), a_row("b")],
        [a_row("a", **{"content.evidence": "thin"}), a_row("b")],
        [a_row("a", content={"evidence": "thin"}), a_row("b", content={"evidence": None})],
        [a_row("a", content={"evidence": "thin"}), a_row("b")],
    ],
    ids=["column", "content column", "null", "no content"],
)
def test_an_empty_cell_is_no_value_that_is_unlike_others(tmp_path: Path, rows: list[Row]) -> None:
    policy = a_policy_that_asks(dynamic_risk=THIN)

    found = replayed(write_rows(tmp_path / "log.jsonl", rows), policy).policies[0]

    assert found.lanes[Lane.ESCALATE] == 2
    assert [(one.rule, one.n) for one in found.unread] == [("dynamic_risk:1", 1)]


def random_rows(n: int) -> list[Row]:
    """Return decisions of which now this, now that is known."""
    draw = random.Random(4)  # noqa: S311  # a test's own
    types = ["low", "medium", "high", "critical", "low_for_good", "odd"]
    values: dict[str, tuple[object, ...]] = {
        "action_type": (*types, None), "confidence": (0.1, 0.7, 0.9, 0.95, 0.995, 1.0, None),
        "risk": ("low", "high", None, None), "severity": ("high", "low", None), "failure": ("model_error", *[None] * 9),
        "at": tuple(f"2026-06-{day:02d}T01:00:00Z" for day in range(1, 10)),
        "model_active_since": ("2026-05-20T00:00:00Z", "2026-01-01T00:00:00+02:00", "x", None),
        "output_format": ("a", "a", "b", None), "output_tokens": (3, 7, 8, 9, None), "amount": (5, 6, 500.5, None),
        "content.vip": (True, False, False, None), "content.risk": ("odd", "low", "low", None),
    }  # fmt: skip
    return [a_row(f"d{n}", **{name: draw.choice(of) for name, of in values.items()}) for n in range(n)]  # fmt: skip


def one_by_one(row: Row, policy: Policy) -> LaneDecision:
    known = {name: value for name, value in row.items() if name not in HINDSIGHT}
    inner = {name[8:]: known.pop(name) for name in [*known] if name.startswith("content.")}
    return policy.lane(known | {"content": inner})


@pytest.mark.parametrize("risks", [
    [{"when": "decision.content.amount > 100", "risk": "high"}],
    [{"when": "decision.vip && decision.content.risk == 'odd'", "risk": "critical"}, *AMOUNT],
    [{"when": "decision.severity == 'high' && decision.model_age_days < 30.0", "risk": "high"}],
    [{"when": "decision['amount'] > 100 || decision.content['vip']", "risk": "high"}],
    [],
])  # fmt: skip
def test_with_rules_and_gaps_the_counts_are_those_of_one_by_one(
    tmp_path: Path, risks: list[dict[str, str]]
) -> None:
    policy = a_policy(
        dynamic_risk=risks,
        risk_indicators=[
            {"id": "young", "model_younger_than_days": 14, "effect": {"audit_rate": 0.5}, "expires_after_days": 20},
            {"id": "format", "new_output_format": ["a"], "effect": {"lane": "audit"}},
            {"id": "length", "unusual_length": {"at_least": 5}, "effect": {"raise_risk": "medium"}, "expires_at": "2026-06-05"},
            {"id": "sure", "when": "decision.confidence > 0.99", "effect": {"lane": "queue"}},
        ],
    )  # fmt: skip
    rows = random_rows(400)
    said = [(row.get("action_type"), one_by_one(row, policy)) for row in rows]

    found = replayed(write_rows(tmp_path / "log.jsonl", rows), policy).policies[0]

    counted = {(kind.action_type, lane): n for kind in found.types for lane, n in kind.lanes.items() if n}  # fmt: skip
    assert counted == Counter((kind, one.lane) for kind, one in said)
    assert sum(kind.n_audited for kind in found.types) == sum(one.is_audited for _, one in said)
    looked_at = [one.pool for _, one in said if one.is_audited or one.review_probability == 1.0]
    assert {pool.pool: pool.n_first + pool.n_after for pool in found.pools} == Counter(looked_at)


class TestContentUnderANameOfTheLog:
    """Content never stands in for a field of the log, whatever it is called."""

    RULES = ({"when": "decision.content.risk == 'x'", "risk": "high"},
             {"when": "decision.content.confidence > 2.0 || decision.content.correct", "risk": "high"})  # fmt: skip

    @pytest.fixture
    def policy(self) -> Policy:
        return one_type({"audit_rate": 0.0}, dynamic_risk=list(self.RULES))

    def test_it_neither_lowers_risk_nor_raises_confidence(
        self, tmp_path: Path, policy: Policy
    ) -> None:
        content = {"content.risk": "low", "content.confidence": 0.99, "content.correct": False}
        rows = [a_row("a", risk="critical", **content), a_row("b", confidence=0.2, **content), a_row("c", **content)]  # fmt: skip
        inner = {name.removeprefix("content."): value for name, value in content.items()}
        said = [
            policy.lane({name: row[name] for name in row if name not in content} | {"content": inner}).lane
            for row in rows
        ]  # fmt: skip

        found = replayed(write_rows(tmp_path / "log.jsonl", rows), policy).policies[0]

        assert said == [Lane.ESCALATE, Lane.QUEUE, Lane.AUTO]
        assert {lane: n for lane, n in found.lanes.items() if n} == dict.fromkeys(said, 1)
        assert found.unread == ()

    def test_it_joins_what_the_content_holds(self, tmp_path: Path) -> None:
        policy = one_type({"audit_rate": 0.0}, dynamic_risk=[
            {"when": "decision.content.risk == 'x' && decision.content.amount > 5", "risk": "critical"}])  # fmt: skip
        rows = [a_row("a", content={"amount": 9}, **{"content.risk": "x"}),
                a_row("b", content={"amount": 1}, **{"content.risk": "x"})]  # fmt: skip

        assert escalated(write_rows(tmp_path / "log.jsonl", rows), policy) == 1


@pytest.mark.parametrize("since", ["2026-04-06", "2026-04-06T00:00:00", "yesterday"])
def test_a_start_of_the_model_that_cannot_be_read_is_told(tmp_path: Path, since: str) -> None:
    young = [{"id": "young", "model_younger_than_days": 14, "effect": {"lane": "queue"}}]
    policy = one_type({"audit_rate": 0.0}, risk_indicators=young)
    rows = [a_row("a", model_active_since=since), a_row("b", model_active_since="2026-04-06T00:00:00Z")]  # fmt: skip

    found = replayed(write_rows(tmp_path / "log.jsonl", rows), policy).policies[0]

    (unread,) = found.unread
    assert (unread.rule, unread.n) == ("indicator:young", 1)
    assert found.lanes[Lane.QUEUE] == 1


@pytest.mark.parametrize(("expression", "is_so"), [
    ("decision.content.amount > 5 && decision.risk == 'low'", True),
    ("decision.amount > 5", True),
    ("has(decision.content.amount)", True),
    ("decision.content['amount'] > 5", True),
    ("decision.content[decision.risk] == 5", False),
    ("decision['amount'] > 5", False),
    ("decision.content.size() > 2", False),
    ("decision.content.tags.size() > 2", True),
    ("size(decision) > 2", False),
    ("decision.content == {}", False),
    ("'decision' == decision.risk", True),
])  # fmt: skip
def test_what_a_rule_may_look_at_is_known_where_it_names_fields_alone(
    expression: str, *, is_so: bool
) -> None:
    assert names_all_fields(expression) is is_so
