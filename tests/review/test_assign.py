"""Who looks at what: even loads, people who can be compared, and an order that keeps an input's outputs apart."""

from collections import Counter
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitl.review.assign import arranged, assigned
from tests.review.by_hand import SECRET


def dealt(n: int, n_raters: int, each: int, size: int = 1) -> dict[str, frozenset[str]]:
    groups = {f"g{i}": size for i in range(n)}
    return assigned(groups, [f"r{i}" for i in range(n_raters)], each, SECRET)


def is_linked(shares: dict[str, frozenset[str]]) -> bool:
    """Whether each rater can be compared with each other over common groups."""
    reached = {min(shares)}
    while more := {r for r in shares if r not in reached and any(shares[r] & shares[s] for s in reached)}:  # fmt: skip
        reached |= more
    return reached == set(shares)


@pytest.mark.parametrize("n_raters", range(1, 9))
@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 24, 61])
def test_each_item_has_its_raters_and_loads_differ_by_one_at_most(n: int, n_raters: int) -> None:
    for each in range(1, n_raters + 1):
        shares = dealt(n, n_raters, each)
        times = Counter(group for groups in shares.values() for group in groups)
        assert set(times.values()) == {each}
        assert len(times) == n
        loads = [len(groups) for groups in shares.values()]
        assert max(loads) - min(loads) <= 1


def test_raters_are_linked_as_soon_as_there_are_items_enough_to_link_them() -> None:
    """Each item links `each` people, so that n items cannot link more than n * (each - 1) + 1."""
    for n_raters in range(2, 13):
        for each in range(2, n_raters + 1):
            fewest = -(-(n_raters - 1) // (each - 1))
            for n in range(fewest, fewest + 20):
                assert is_linked(dealt(n, n_raters, each)), (n, n_raters, each)


def test_pairs_of_raters_share_about_as_many_items_as_other_pairs() -> None:
    shares = dealt(100, 5, 2)
    common = [len(shares[a] & shares[b]) for a, b in combinations(shares, 2)]
    assert sum(common) == 100
    assert max(common) - min(common) <= 2


def test_with_two_outputs_a_case_loads_differ_by_one_case_at_most() -> None:
    sizes = {f"g{i}": 1 + i % 2 for i in range(31)}
    shares = assigned(sizes, ["a", "b", "c", "d"], 2, SECRET)
    loads = [sum(sizes[group] for group in groups) for groups in shares.values()]
    assert sum(loads) == 2 * sum(sizes.values())
    assert max(loads) - min(loads) <= 2


def test_the_deal_depends_on_the_secret_and_not_on_the_order_of_groups() -> None:
    names = [f"g{i}" for i in range(30)]
    forth = assigned(dict.fromkeys(names, 1), ["a", "b", "c"], 2, SECRET)
    back = assigned(dict.fromkeys(names[::-1], 1), ["a", "b", "c"], 2, SECRET)
    assert forth == back
    assert forth != assigned(dict.fromkeys(names, 1), ["a", "b", "c"], 2, SECRET[::-1])


@settings(deadline=None)
@given(sizes=st.lists(st.integers(1, 2), max_size=40))
def test_an_order_holds_each_item_once_and_keeps_pairs_half_a_packet_apart(sizes: list[int]) -> None:  # fmt: skip
    groups = {f"g{i}": [f"i{i}.{part}" for part in range(size)] for i, size in enumerate(sizes)}
    order = arranged(groups, "alice", SECRET)
    assert sorted(order) == sorted(item for items in groups.values() for item in items)
    for items in groups.values():
        if len(items) == 2:
            first, second = sorted(order.index(item) for item in items)
            assert second - first >= len(order) / 2


def test_an_item_stands_anywhere_in_the_orders_of_many_reviewers() -> None:
    groups = {f"g{i}": [f"i{i}"] for i in range(7)}
    orders = [arranged(groups, f"r{i}", SECRET) for i in range(700)]
    for item in ("i0", "i3", "i6"):
        times = Counter(order.index(item) for order in orders)
        assert set(times) == set(range(7))
        assert all(60 <= n <= 140 for n in times.values())  # 100 expected, 9 a standard deviation
    followers = Counter(pair for order in orders for pair in pairwise(order))
    assert len(followers) == 42, "any item can follow any other"
