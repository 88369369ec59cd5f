import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from hitl.gate.verdict_words import State
from hitl.manifest.gate_class import Authority
from hitl.record.parts import GatePart
from hitl.record.release import ReleaseRecord
from hitl.render import numbers
from hitl.render.cases import MOST_CASES, OPEN_CASES
from hitl.render.page import MOST_ROWS, render_page
from hitl.render.words import next_steps
from tests.render.sample_parts import a_rule, a_subset
from tests.render.sample_record import (
    a_hold,
    a_hold_with,
    a_hostile,
    a_revert,
    a_ship,
    an_unmeasured,
)


class _Reader(HTMLParser):
    """Collects what a reader sees, and the tags and attributes behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def _read(record: ReleaseRecord) -> _Reader:
    reader = _Reader()
    reader.feed(render_page(record))
    return reader


@pytest.mark.parametrize(
    ("record", "word"),
    [(a_ship(), "ship"), (a_hold(), "hold"), (an_unmeasured(), "hold"), (a_revert(), "revert")],
)
def test_the_verdict_comes_first_with_its_reason_owner_and_models(
    record: ReleaseRecord, word: str
) -> None:
    page = render_page(record)
    heading = re.search(r"<h1.*?</h1>", page, re.DOTALL)

    assert heading is not None
    assert f'<span class="word">{word}</span>' in heading.group()
    assert record.release_id in heading.group()
    assert (
        page.index("<h1")
        < page.index(record.headline)
        < page.index('id="reasons"')
        < page.index('id="subsets"')
    )
    assert page.index(record.owner["name"]) < page.index('id="reasons"')
    assert page.index(record.candidate_model.declared) < page.index('id="reasons"')


def test_every_failed_case_is_on_the_page() -> None:
    record = a_hold()
    page = render_page(record)

    for failure in record.failures:
        assert f"<code>{failure.case_id}</code>" in page
    assert page.count('<tr><th scope="rowgroup"') == len(record.failures)
    assert "<del>read</del>" in page
    assert "<ins>restart</ins>" in page


def test_every_subset_shows_its_numbers_with_their_n() -> None:
    record = a_hold()
    text = _read(record).text

    for subset in record.subsets:
        assert subset.reason in text
        for arm in (subset.previous, subset.candidate):
            assert f"{numbers.percent(arm.rate)} {numbers.passed(arm)} cases" in text
        if subset.difference:
            assert (
                f"{numbers.points(subset.difference.estimate)} {numbers.points_range(subset.difference)}"
                in text
            )
            assert f"n = {subset.difference.n}" in text


def test_losses_and_gains_stand_side_by_side() -> None:
    record = a_hold()
    page = render_page(record)

    for name in (
        *record.subsets[0].regressed_cases,
        *record.subsets[0].improved_cases,
        *record.subsets[0].flaky_cases,
    ):
        assert f"<code>{name}</code>" in page


def test_cheaper_and_faster_stands_beside_worse() -> None:
    text = _read(a_hold()).text

    assert "1 of 4 pass 29 cases lost, 8 gained, n = 420" in text
    assert "Latency × 0.60 0.57 to 0.64, n = 420" in text
    assert "Cost × 0.42 0.40 to 0.44, n = 420" in text


@pytest.mark.parametrize("record", [a_hold(), a_ship(), an_unmeasured(), a_hostile()])
def test_the_page_has_no_script_no_outside_address_and_no_inline_style(
    record: ReleaseRecord,
) -> None:
    reader = _read(record)

    assert not {"script", "iframe", "object", "embed", "form", "img", "base"} & set(reader.tags)
    for name, value in reader.attributes:
        assert not name.startswith("on")
        assert name not in {"style", "src", "action"}
        if name == "href":
            assert value is not None
            assert value.startswith("#") or value == "data:,"


def test_headings_descend_without_a_gap_and_tables_name_themselves() -> None:
    reader = _read(a_hold())
    levels = [int(tag[1]) for tag in reader.tags if re.fullmatch(r"h\d", tag)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert reader.tags.count("caption") == reader.tags.count("table")
    ids = [value for name, value in reader.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    for name, value in reader.attributes:
        if name == "href" and value and value.startswith("#"):
            assert value[1:] in ids


def test_an_unmeasured_number_is_a_dash_and_never_nan() -> None:
    text = _read(an_unmeasured()).text

    assert "nan" not in text.lower().split()
    assert "None" not in text
    assert "— 0 of 0 cases" in text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("latency rose, restart the pod, read <b>events</b> " * 20, id="words"),
        pytest.param("'" * 1000, id="quotes, which grow five times"),
        pytest.param("漢字" * 500, id="three bytes a character"),
    ],
)
def test_a_page_with_a_thousand_failed_cases_stays_below_two_megabytes(text: str) -> None:
    page = render_page(a_hold_with(1_200, text[:1000]))

    assert len(page.encode()) < 2_000_000
    assert page.count('<tr><th scope="rowgroup"') == MOST_CASES
    assert "The 1,000 gravest are shown; 200 more are in record.json." in " ".join(page.split())
    assert "characters cut" in page
    assert f"{MOST_CASES - OPEN_CASES:,} more: lost" in page


def test_slices_are_capped_over_the_whole_page_and_regressed_ones_stand_first() -> None:
    held = a_hold()
    first, worse = held.subsets[0], held.subsets[0].slices[0]
    fine = [
        worse.model_copy(update={"id": f"kind={n}", "regressed": False}) for n in range(MOST_ROWS)
    ]
    subsets = [
        first.model_copy(update={"id": f"subset-{n}", "slices": tuple(fine)}) for n in range(49)
    ]
    last = first.model_copy(update={"id": "last", "slices": (*fine, worse)})

    page = render_page(held.model_copy(update={"subsets": (*subsets, last)}))

    assert len(page.encode()) < 2_000_000
    rows = re.findall(r'<tr><th scope="row">(kind=\d+|region=eu)<', page)
    assert len(rows) == MOST_ROWS
    assert rows.count("region=eu") == 1
    assert "1 of 200 slices only in record.json." in page
    assert page.count("200 of 200 slices only in record.json.") == 48
    assert "200 of 201 slices only in record.json." in page


def test_a_subset_whose_weaker_authority_fails_is_among_the_next_steps() -> None:
    held = a_hold()
    gates = (
        GatePart(authority=Authority.BLOCK, state=State.PASS, reason="fine"),
        GatePart(authority=Authority.CONDITIONAL, state=State.FAIL, reason="too slow"),
        GatePart(authority=Authority.SIGNAL, state=State.UNDECIDED, reason="who knows"),
    )
    subset = held.subsets[0].model_copy(update={"state": State.PASS, "gates": gates})

    steps = next_steps(held.model_copy(update={"subsets": (subset,)}))

    assert [step.split(",")[0] for step in steps] == [f"{subset.id}: fix what fails"]


def test_the_same_record_gives_the_same_page() -> None:
    assert render_page(a_hold()) == render_page(a_hold())


@pytest.mark.parametrize(
    ("margin", "says"),
    [
        (
            State.PASS,
            "undecided with 60 cases; more labels of people (judge.labels) would decide it.",
        ),
        (
            State.UNDECIDED,
            "undecided with 60 cases; more cases or repeats would decide it, and more labels of people (judge.labels) would decide it.",
        ),
    ],
)
def test_a_margin_that_labels_leave_open_asks_for_labels(margin: State, says: str) -> None:
    rules = (
        a_rule("margin", Authority.BLOCK, margin),
        a_rule("corrected_margin", Authority.BLOCK, State.UNDECIDED),
    )
    subset = a_subset("main", Authority.BLOCK, State.UNDECIDED, n_cases=60, rules=rules)

    steps = next_steps(a_hold().model_copy(update={"subsets": (subset,), "reasons": ()}))

    assert steps == (f"main: {says}",)
