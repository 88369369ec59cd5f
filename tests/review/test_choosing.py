from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitl.errors import UsageError
from hitl.golden.case import Severity
from hitl.review.candidate import Candidate
from hitl.review.choosing import Budget, Chosen, choose
from hitl.review.words import Scope
from tests.review.releases import a_candidate, swapped

NO_LIMIT = Budget(items=None, minutes=None, seconds_per_item=60.0, raters=3)


def of(items: int) -> Budget:
    return replace(NO_LIMIT, items=items)


def chosen(candidates: Iterable[Candidate], budget: Budget = NO_LIMIT, seed: int = 1) -> Chosen:
    return choose(tuple(candidates), budget, np.random.default_rng(seed), seed)


def ids(found: Chosen) -> list[str]:
    return [one.case_id for one, _ in found.items]


def some(n: int, *scopes: Scope, prefix: str = "case", **fields: object) -> list[Candidate]:
    return [
        a_candidate(f"{prefix}-{number:04d}", "one", "other", scopes=frozenset(scopes), **fields)
        for number in range(n)
    ]


def mixed(seed: int, n: int) -> list[Candidate]:
    rng = np.random.default_rng(seed)
    scopes = [
        frozenset[Scope](),
        frozenset({Scope.POLICY}),
        frozenset({Scope.FAILING, Scope.FLIPPED}),
    ]
    return [
        a_candidate(
            f"case-{number:04d}", "one", "other",
            subset=f"subset-{int(rng.integers(3))}",
            cluster=f"cluster-{int(rng.integers(n // 2 + 1))}",
            severity=list(Severity)[int(rng.integers(4))],
            uncertainty=float(rng.random()),
            scopes=scopes[int(rng.choice(3, p=[0.7, 0.2, 0.1]))],
        )
        for number in range(n)
    ]  # fmt: skip


@pytest.mark.parametrize(("n_rest", "n_drawn"), [(0, 0), (7, 7), (20, 20), (60, 20), (200, 40)])
def test_without_a_limit_everything_with_a_scope_is_taken_and_twenty_or_a_fifth_of_the_rest(
    n_rest: int, n_drawn: int
) -> None:
    scoped = [*some(3, Scope.POLICY, prefix="p"), *some(2, Scope.FLIPPED, prefix="f")]

    found = chosen([*some(n_rest), *scoped])

    assert {one.case_id for one in scoped} <= set(ids(found))
    assert len(found.items) == 5 + n_drawn
    assert found.design.n_population == 5 + n_rest
    assert found.design.n_certain + found.design.n_drawn == len(found.items)
    assert {one.scopes for one, _ in found.items if one.case_id.startswith("case")} <= {
        frozenset({Scope.SAMPLE})
    }


def test_what_is_to_be_judged_is_for_sure_where_it_fits() -> None:
    found = chosen(
        [*some(8, Scope.JUDGED, prefix="j"), *some(40, Scope.FAILING, prefix="f"), *some(50)],
        of(12),
    )

    assert sum(one.startswith("j") for one in ids(found)) == 8
    assert len(found.items) == 12
    assert all(chance == 1.0 for one, chance in found.items if one.case_id.startswith("j"))
    assert "all 8 items that are to be judged for sure" in found.design.method


def test_everything_with_a_scope_is_for_sure_where_it_leaves_a_tenth_for_the_rest() -> None:
    scoped = some(9, Scope.FAILING, prefix="f")

    assert chosen([*scoped, *some(50)], of(10)).design.n_certain == 9
    assert chosen([*scoped, *some(50)], of(9)).design.n_certain < 9


def test_a_budget_too_small_for_what_is_to_be_judged_says_so_loudly() -> None:
    found = chosen([*some(30, Scope.JUDGED, prefix="j"), *some(5)], of(10))

    missed = 30 - sum(one.startswith("j") for one in ids(found))
    assert len(found.items) == 10
    assert found.design.method.startswith(
        f"THE BUDGET IS TOO SMALL: {missed} of 30 items that are to be judged are not reviewed"
    )


def test_a_budget_that_only_what_is_to_be_judged_fills_speaks_for_nothing_else() -> None:
    found = chosen([*some(10, Scope.JUDGED, prefix="j"), *some(5)], of(10))

    assert found.design.n_population == 10
    assert found.population == {"all": 10}
    assert "the other 5 could not be chosen" in found.design.method


def test_minutes_are_looks_of_all_raters() -> None:
    budget = Budget(items=None, minutes=60.0, seconds_per_item=90.0, raters=4)

    assert len(chosen(some(40), budget).items) == 10
    assert len(chosen(some(40), replace(budget, items=7)).items) == 7


@pytest.mark.parametrize(
    "budget", [of(0), replace(NO_LIMIT, minutes=2.9), replace(NO_LIMIT, minutes=0.0)]
)
def test_a_budget_that_allows_no_item_is_refused(budget: Budget) -> None:
    with pytest.raises(UsageError, match="allows no item"):
        chosen(some(5), budget)


def test_items_without_an_output_are_not_in_the_population() -> None:
    found = chosen([*some(3), a_candidate("none", None, None)])

    assert ids(found) == ["case-0000", "case-0001", "case-0002"]
    assert "1 items without an output of either arm cannot be reviewed" in found.design.method


def test_nothing_to_choose_from_is_nothing_chosen() -> None:
    found = chosen([])

    assert (found.items, found.population, found.design.n_population) == ((), {}, 0)


@given(seed=st.integers(0, 10_000), n=st.integers(1, 60), items=st.integers(1, 70) | st.none())
@settings(max_examples=60, deadline=None)
def test_the_choice_depends_neither_on_the_arms_nor_on_the_order_and_keeps_the_budget(
    seed: int, n: int, items: int | None
) -> None:
    candidates = mixed(seed, n)
    budget = replace(NO_LIMIT, items=items)

    found = chosen(candidates, budget, seed)

    turned = chosen(swapped(candidates)[::-1], budget, seed)
    assert ids(turned) == ids(found) == sorted(set(ids(found)))
    assert [chance for _, chance in turned.items] == [chance for _, chance in found.items]
    assert turned.design == found.design
    if items is not None:
        assert len(found.items) == min(items, n)
    n_left = found.design.n_population - found.design.n_certain
    if n_left:
        least = 0.1 * found.design.n_drawn / n_left
        assert all(chance >= min(1.0, least) - 1e-9 for _, chance in found.items)


def test_each_has_its_chance_and_weighted_totals_are_unbiased() -> None:
    candidates = mixed(5, 40)
    values = {
        one.case_id: one.uncertainty + 3.0 * (one.severity is Severity.CRITICAL)
        for one in candidates
    }
    rng = np.random.default_rng(8)
    draws = [choose(candidates, of(12), rng, 8) for _ in range(1500)]

    totals = [sum(values[one.case_id] / chance for one, chance in draw.items) for draw in draws]
    times = Counter(one for draw in draws for one in ids(draw))
    chances = {one.case_id: chance for draw in draws for one, chance in draw.items}

    assert sum(chances.values()) == pytest.approx(12.0)
    assert np.mean(totals) == pytest.approx(
        sum(values.values()), abs=4.0 * np.std(totals) / np.sqrt(1500)
    )
    for case_id, chance in chances.items():
        assert times[case_id] / 1500 == pytest.approx(chance, abs=0.06)


def test_impact_and_doubt_make_an_item_likelier() -> None:
    dear = a_candidate("dear", "one", "other", severity=Severity.CRITICAL, uncertainty=1.0)
    cheap = [replace(one, uncertainty=0.0, severity=Severity.LOW) for one in some(30)]
    draws = [chosen([dear, *cheap], of(5), seed) for seed in range(200)]

    seen = [{one.case_id: chance for one, chance in draw.items} for draw in draws]

    assert sum("dear" in one for one in seen) > 150
    assert {round(one["dear"], 9) for one in seen if "dear" in one} == {1.0}


def test_no_second_item_of_a_cluster_is_taken_while_others_have_none() -> None:
    crowd = some(20, prefix="crowd", cluster="crowd")
    lone = some(20)

    for seed in range(50):
        found = chosen([*crowd, *lone], of(8), seed)
        assert sum(one.startswith("crowd") for one in ids(found)) <= 2


def test_the_draw_is_spread_over_subsets() -> None:
    candidates = [
        *some(30, prefix="a", subset="a"),
        *some(30, prefix="b", subset="b"),
        *some(30, prefix="c", subset="c"),
    ]

    for seed in range(20):
        counts = Counter(one[0] for one in ids(chosen(candidates, of(9), seed)))
        assert all(2 <= counts[subset] <= 4 for subset in "abc")
