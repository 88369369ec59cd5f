"""What holds of every comparison, whatever the decisions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitl.decisions.change.parts import MetricChange
from hitl.decisions.change.words import Scale
from hitl.decisions.measures.words import Stand
from tests.decisions.change.made import NEW, OLD, Line, compared

lines = st.lists(
    st.builds(
        Line,
        n=st.integers(1, 40),
        model=st.sampled_from([OLD, NEW]),
        day=st.integers(0, 40),
        action=st.sampled_from(["restart", "refund", None]),
        confidence=st.sampled_from([None, 5, 55, 95, 100]),
        person=st.sampled_from(["ann", "bob", "cid", None]),
        did=st.sampled_from([None, "approve", "modify", "reject", "escalate", "timeout"]),
        lane=st.sampled_from([None, "auto", "audit", "queue", "escalate"]),
        outcome=st.sampled_from([None, "good", "bad"]),
        correct=st.sampled_from([None, 0, 1]),
        seeded=st.sampled_from([0, 0, 0, 1]),
        review_bin=st.sampled_from([None, 0, 100, 250]),
        satisfaction=st.sampled_from([None, 0, 500, 1000]),
        probability=st.sampled_from([None, 0, 50, 1000]),
    ),
    min_size=2,
    max_size=30,
).map(lambda some: [*some, Line(model=OLD, day=1), Line(model=NEW, day=2)])


def whole_of_parts(metric: MetricChange) -> float:
    split = metric.split
    assert split.within is not None
    parts = [split.within.value, split.mix, split.unshared]
    found = [one for one in parts if one is not None]
    assert len(found) == 3
    return found[0] * found[1] * found[2] if metric.scale is Scale.RATIO else sum(found)


@given(lines)
@settings(max_examples=60, deadline=None)
def test_the_parts_are_the_whole_and_every_number_has_its_interval(decisions: list[Line]) -> None:
    for metric in compared(decisions).metrics:
        crude = metric.crude
        if crude.stand is Stand.REFUSED:
            assert crude.reason
            assert crude.value is crude.low is crude.high is None
            assert metric.split.stand is Stand.REFUSED
            continue
        assert crude.low is not None
        assert crude.high is not None
        assert crude.value is not None
        assert crude.low <= crude.value <= crude.high
        assert crude.n > 0
        if metric.split.stand is Stand.MEASURED:
            assert whole_of_parts(metric) == pytest.approx(crude.value, rel=1e-9, abs=1e-9)
        else:
            assert metric.split.reason


@given(lines, st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_the_order_of_lines_changes_no_byte(decisions: list[Line], chance: object) -> None:
    turned = list(decisions)
    chance.shuffle(turned)  # type: ignore[attr-defined]

    assert compared(turned).model_dump_json() == compared(decisions).model_dump_json()


@given(lines)
@settings(max_examples=25, deadline=None)
def test_turning_the_sides_mirrors_a_difference(decisions: list[Line]) -> None:
    turned = [
        Line(**{name: getattr(one, name) for name in one.__slots__} | {"model": NEW if one.model == OLD else OLD})
        for one in decisions
    ]  # fmt: skip

    for one, other in zip(compared(decisions).metrics, compared(turned).metrics, strict=True):
        assert one.crude.stand is other.crude.stand
        if one.crude.value is not None and other.crude.value is not None and one.scale is Scale.DIFFERENCE:  # fmt: skip
            assert one.crude.value == pytest.approx(-other.crude.value, abs=1e-9)
            assert one.split.mix == pytest.approx(
                None if other.split.mix is None else -other.split.mix, abs=1e-9
            )
