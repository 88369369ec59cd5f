import numpy as np
import pytest

from hitl.decisions.measures.rules import MOST_GROUPS, BaselineRules, Key
from hitl.decisions.measures.words import Metric, Stand
from tests.decisions.measures.baselines import (
    MODEL,
    Row,
    baseline_of,
    found,
    group_of,
    reviewed,
    rows,
    value,
    why,
)


@pytest.fixture
def log() -> list[Row]:
    return [
        *reviewed(8, "approve", action_type="a"),
        *reviewed(2, "reject", action_type="a"),
        *reviewed(10, "approve", action_type="b", reviewer_pool="q"),
        *rows(20, lane="auto", action_type="b"),
    ]


def test_groups_are_all_then_each_key_then_model_with_each_key(log: list[Row]) -> None:
    baseline = baseline_of(log)

    keys = list(dict.fromkeys(tuple(group.by) for group in baseline.groups))
    assert keys == [
        (),
        ("resolved_model",),
        ("action_type",),
        ("reviewer_pool",),
        ("lane",),
        ("resolved_model", "action_type"),
        ("resolved_model", "reviewer_pool"),
        ("resolved_model", "lane"),
    ]
    assert value(baseline, Metric.OVERRIDE_RATE, action_type="a") == pytest.approx(0.2)
    assert value(baseline, Metric.OVERRIDE_RATE, resolved_model=MODEL, reviewer_pool="q") == 0
    assert group_of(baseline, action_type="b").n == 30


def test_every_group_has_every_metric_in_the_order_of_the_documentation(log: list[Row]) -> None:
    for group in baseline_of(log, BaselineRules(by=tuple(Key))).groups:
        assert [one.metric for one in group.measures] == list(Metric)
        assert all(one.reason for one in group.measures if one.stand is Stand.REFUSED)
        for one in group.measures:
            if one.value is not None and one.low is not None and one.high is not None:
                assert one.low <= one.value <= one.high


def test_the_groups_of_a_key_add_up_to_all(log: list[Row]) -> None:
    baseline = baseline_of(log, BaselineRules(by=tuple(Key)))

    for key in Key:
        assert sum(group.n for group in baseline.groups if list(group.by) == [key]) == 40


def test_decisions_that_do_not_name_the_key_are_a_group_of_their_own() -> None:
    log = [*reviewed(90, "approve"), *reviewed(10, "reject", action_type=None)]

    baseline = baseline_of(log)

    assert value(baseline, Metric.OVERRIDE_RATE, action_type=None) == 1
    assert value(baseline, Metric.OVERRIDE_RATE, action_type="reply") == 0
    assert why(baseline, Metric.PRECISION, action_type=None) == "the group has no action type"


def test_a_key_that_too_few_decisions_name_gives_no_number_by_it() -> None:
    log = [*reviewed(70, "approve"), *reviewed(30, "reject", resolved_model=None)]

    baseline = baseline_of(log)

    for by in (
        {"resolved_model": MODEL},
        {"resolved_model": None},
        {"resolved_model": MODEL, "lane": "queue"},
    ):
        reason = why(baseline, Metric.OVERRIDE_RATE, **by)
        assert (
            reason == "only 70 % of 100 decisions name the model that answered; the floor is 80 %"
        )
    assert value(baseline, Metric.OVERRIDE_RATE, action_type="reply") == pytest.approx(0.3)
    part = next(one for one in baseline.log.attribution if one.key == "resolved_model")
    assert (part.n, part.population, part.is_enough) == (70, 100, False)


def test_an_alias_is_no_version_so_no_number_belongs_to_it() -> None:
    log = [*reviewed(9, "approve", resolved_model="acme/latest"), *reviewed(9, "approve")]

    baseline = baseline_of(log)

    group = group_of(baseline, resolved_model="acme/latest")
    assert group.n == 9
    assert {one.stand for one in group.measures} == {Stand.REFUSED}
    assert why(
        baseline, Metric.OVERRIDE_RATE, resolved_model="acme/latest", lane="queue"
    ).startswith("an alias is no version")
    assert value(baseline, Metric.APPROVE_RATE, resolved_model=MODEL) == 1
    assert [(one.resolved_model, one.is_alias) for one in baseline.log.models] == [("acme/latest", True), (MODEL, False)]  # fmt: skip


def test_only_the_keys_that_were_asked_for_make_groups(log: list[Row]) -> None:
    baseline = baseline_of(log, BaselineRules(by=(Key.LANE,)))

    assert [group.by for group in baseline.groups] == [{}, {"lane": "auto"}, {"lane": "queue"}]


def test_the_largest_groups_are_kept_and_the_rest_is_counted() -> None:
    log = [
        row
        for number in range(600)
        for row in rows(2 if number < 20 else 1, action_type=f"t{number:03d}")
    ]

    baseline = baseline_of(log, BaselineRules(by=(Key.ACTION_TYPE,)))

    assert (len(baseline.groups), baseline.n_groups_left_out) == (MOST_GROUPS, 101)
    assert baseline.groups[0].by == {}
    assert [group.n for group in baseline.groups[1:22]] == [2] * 20 + [1]


def test_the_order_of_rows_changes_no_byte(log: list[Row]) -> None:
    more = [
        *log,
        *rows(
            30,
            confidence=0.7,
            correct="true",
            lane="auto",
            review_probability=1,
            cost_usd=0.1,
            severity="low",
        ),
        *rows(
            30,
            confidence=0.8,
            correct="false",
            lane="auto",
            review_probability=0.5,
            severity="high",
        ),
    ]
    shuffled = [more[place] for place in np.random.default_rng(3).permutation(len(more))]

    assert baseline_of(shuffled).model_dump_json() == baseline_of(more).model_dump_json()


@pytest.mark.parametrize(
    "log",
    [
        pytest.param(rows(1), id="one row"),
        pytest.param([{"confidence": 0.5}], id="one row of a confidence alone"),
        pytest.param(reviewed(3, "timeout", reviewer_id=None), id="timeouts alone"),
        pytest.param(reviewed(3, "approve", seeded_error="true"), id="planted rows alone"),
        pytest.param(reviewed(1, "approve", correct="true", outcome="good", confidence=1, review_seconds=0, wait_seconds=0, cost_usd=0, satisfaction=0), id="one row of everything"),
        pytest.param(rows(3, correct="false", confidence=0, lane="auto", review_probability=0), id="all wrong and never seen"),
    ],
)  # fmt: skip
def test_little_logs_give_a_document_that_reads_back(log: list[Row]) -> None:
    baseline = baseline_of(log, BaselineRules(hourly_cost_usd=40))

    assert type(baseline).model_validate_json(baseline.model_dump_json()) == baseline
    assert found(baseline, Metric.OVERRIDE_RATE).population <= 3
