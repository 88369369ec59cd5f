"""Which decisions stand before and which after, and every way in which that cannot be told."""

from datetime import date

import pytest

from hitl.decisions.change.days import Period, day_number
from hitl.decisions.change.side import Wanted
from hitl.decisions.change.words import SideBasis
from hitl.errors import EvidenceError, ExitCode, UsageError
from tests.decisions.change.made import NEW, OLD, Line, compared

THIRD = "acme/model-2026-07-01"


def may(first: int, last: int) -> Period:
    return Period(day_number(date(2026, 5, first)), day_number(date(2026, 5, last)))


@pytest.fixture
def two_models() -> list[Line]:
    return [Line(n=10, day=day, model=OLD if day < 15 else NEW) for day in range(30)]


def test_with_nothing_asked_the_older_of_two_models_stands_before(two_models: list[Line]) -> None:
    found = compared(two_models, Wanted())

    assert (found.basis, found.before.model, found.after.model) == (SideBasis.MODELS, OLD, NEW)
    assert found.notes[0].startswith(f"no side was named: {OLD}, which began earlier")


def test_periods_take_every_model_and_say_which_answered(two_models: list[Line]) -> None:
    found = compared(two_models, Wanted(before=may(1, 10), after=may(11, 30)))

    assert (found.basis, found.before.model, found.before.n) == (SideBasis.PERIODS, None, 100)
    assert [(one.resolved_model, one.n) for one in found.after.models] == [(NEW, 150), (OLD, 50)]
    assert any(note.startswith("after: 2 models answered") for note in found.notes)


def test_models_and_periods_combine(two_models: list[Line]) -> None:
    late = [Line(n=7, day=29, model=OLD)]

    found = compared(two_models + late, Wanted(OLD, NEW, may(1, 31), may(1, 31)))

    assert (found.basis, found.before.n, found.after.n) == (SideBasis.MODELS_AND_PERIODS, 157, 150)
    assert not any("never answered on the same day" in note for note in found.notes)


def test_one_model_may_be_compared_with_itself_over_time(two_models: list[Line]) -> None:
    found = compared(two_models, Wanted(OLD, OLD, may(1, 7), may(8, 15)))

    assert (found.before.n, found.after.n) == (70, 80)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        pytest.param(Wanted(previous=OLD), "name both models", id="one model"),
        pytest.param(Wanted(before=may(1, 2)), "name both periods", id="one period"),
        pytest.param(Wanted(OLD, OLD), "stands on both sides", id="the same model"),
        pytest.param(Wanted(OLD, OLD, may(1, 9), may(9, 12)), "share days", id="one model, overlapping"),
        pytest.param(Wanted(before=may(1, 9), after=may(5, 20)), "share days", id="periods overlap"),
        pytest.param(Wanted(OLD, "acme/none"), f"no decision was answered by 'acme/none'; models of the log: {OLD} (150 decisions, 2026-05-01 to 2026-05-15), {NEW}", id="unknown model"),
    ],
)  # fmt: skip
def test_sides_that_cannot_be_told_are_wrong_usage(
    two_models: list[Line], wanted: Wanted, message: str
) -> None:
    with pytest.raises(UsageError) as told:
        compared(two_models, wanted)

    assert message in str(told.value)
    assert told.value.exit_code is ExitCode.USAGE


def test_an_alias_is_no_version(two_models: list[Line]) -> None:
    lines = [*two_models, Line(n=10, model="acme/latest", day=3)]

    with pytest.raises(UsageError, match="'acme/latest' is an alias and no version"):
        compared(lines, Wanted("acme/latest", NEW))


def test_of_two_models_an_alias_is_not_taken_either() -> None:
    lines = [Line(n=10, model="acme/latest", day=0), Line(n=10, model=NEW, day=20)]

    with pytest.raises(UsageError, match="alias"):
        compared(lines, Wanted())


@pytest.mark.parametrize("models", [(OLD,), (OLD, NEW, THIRD)])
def test_without_exactly_two_models_the_sides_must_be_named(models: tuple[str, ...]) -> None:
    lines = [Line(n=10, model=model, day=index) for index, model in enumerate(models)]

    with pytest.raises(UsageError) as told:
        compared(lines, Wanted())

    assert f"it has {len(models)}" in str(told.value)
    assert all(f"{model} (10 decisions" in str(told.value) for model in models)


def test_two_models_of_the_same_days_have_no_older_one() -> None:
    lines = [Line(n=10, model=model, day=day) for model in (OLD, NEW) for day in (0, 9)]

    with pytest.raises(UsageError, match="both began and ended on the same days"):
        compared(lines, Wanted())


def test_an_empty_side_is_no_evidence(two_models: list[Line]) -> None:
    with pytest.raises(EvidenceError) as told:
        compared(two_models, Wanted(OLD, NEW, may(1, 31), may(1, 5)))

    assert told.value.exit_code is ExitCode.NO_JUDGEMENT
    assert f"no decision stands after ({NEW}, 2026-05-01 to 2026-05-05); the log has 300 decisions, 2026-05-01 to 2026-05-30" in str(told.value)  # fmt: skip


@pytest.mark.parametrize(("missing", "wanted"), [("model", Wanted(OLD, NEW)), ("day", Wanted(before=may(1, 5), after=may(6, 30)))])  # fmt: skip
def test_sides_need_most_decisions_to_say_where_they_belong(
    two_models: list[Line], missing: str, wanted: Wanted
) -> None:
    unsaid = Line(n=300, model=None) if missing == "model" else Line(n=300, day=None)

    with pytest.raises(EvidenceError, match="only 50% of 600 decisions say"):
        compared([*two_models, unsaid], wanted)


def test_an_alias_within_a_period_is_a_limit_that_is_told() -> None:
    lines = [Line(n=10, model="acme/latest", day=day) for day in range(20)]

    found = compared(lines, Wanted(before=may(1, 10), after=may(11, 20)))

    assert found.before.models[0].is_alias
    assert any("acme/latest is an alias and no version" in note for note in found.notes)
