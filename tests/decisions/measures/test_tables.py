import numpy as np
import pytest

from hitl.decisions.counts import Table, a_table
from hitl.decisions.measures.tables import line_codes, matured, reduced, sizes, split

FAR = 2**31 - 1


@pytest.fixture
def table() -> Table:
    return a_table(
        lane=["auto", "queue", "auto"], day=[1, 2, 3], n=[5, 7, 11], sum_ms=[50, 70, 110]
    )


def test_summing_over_keys_is_that_of_the_table_itself(table: Table) -> None:
    ours, theirs = reduced(table, ["lane"]), table.by("lane")

    assert list(ours.lines()) == list(theirs.lines())
    assert sizes(table, ["lane"]) == {("auto",): 16, ("queue",): 7}


def test_parts_are_the_lines_of_each_word(table: Table) -> None:
    parts = split(table, ["lane"])

    assert {words: part.n for words, part in parts.items()} == {("auto",): 16, ("queue",): 7}
    assert parts["auto",].keys["day"].tolist() == [1, 3]
    assert parts["auto",].total("sum_ms") == 160


def test_no_lines_have_no_parts(table: Table) -> None:
    assert split(table.where(day=99), ["lane"]) == {}
    assert reduced(table.where(day=99), ["lane"]).n == 0


def test_more_combinations_than_a_number_holds_stay_apart() -> None:
    names = ["a", "b", "c", "d"]
    values = np.array(
        [[0, 0, 0, 0], [FAR, FAR, FAR, FAR], [0, FAR, 0, FAR], [FAR, FAR, FAR, 0], [0, 0, 0, 0]]
    )
    table = a_table(
        **{name: values[:, place].tolist() for place, name in enumerate(names)}, n=[1] * 5
    )

    codes = line_codes(table, names)

    assert len(set(codes.tolist())) == 4
    assert codes[0] == codes[4]


def test_a_day_is_old_enough_young_or_not_known() -> None:
    table = a_table(day=[86, 87, 100, -1], n=[1, 2, 4, 8])

    found = matured(table, last_day=100, maturity_days=14)

    assert {line["mature"]: line["n"] for line in found.lines()} == {1: 1, 0: 6, None: 8}
