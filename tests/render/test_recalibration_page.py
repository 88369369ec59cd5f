import re
from itertools import pairwise

import pytest

from hitl.recalibrate.parts import Recalibration
from hitl.render.recalibration.page import MOST_OPEN, render_recalibration
from tests.render.page_reader import PageReader
from tests.render.sample_recalibration import (
    DIFF,
    HOSTILE,
    HOSTILE_DIFF,
    a_certificate,
    a_hostile_recalibration,
    a_recalibration,
    a_recalibration_of_thirty,
    a_type,
    an_empty_recalibration,
)

EVERY = [
    pytest.param(a_recalibration(), DIFF, id="rich"),
    pytest.param(an_empty_recalibration(), "", id="empty"),
    pytest.param(a_hostile_recalibration(), HOSTILE_DIFF, id="hostile"),
    pytest.param(a_recalibration_of_thirty(), DIFF, id="thirty"),
    pytest.param(a_recalibration().model_copy(update={"types": ()}), "", id="no types"),
]


def _read(page: str) -> PageReader:
    reader = PageReader()
    reader.feed(page)
    reader.close()
    return reader


def _section(page: str, name: str) -> str:
    found = re.search(rf'<section aria-labelledby="{name}">.*?</section>', page, re.DOTALL)
    assert found is not None
    return _read(found.group()).text


def test_what_becomes_of_which_model_under_which_promise_stands_first() -> None:
    page = render_recalibration(a_recalibration())
    first = _read(page[page.index("<main") : page.index('id="changes"')]).words
    text = " ".join(" ".join(first).split())

    for said in (
        "Of 5 action types, 1 may gain autonomy (annotate_incident)",
        "acme/triage-2026-05-18 beside acme/triage-2026-02-02",
        "incident-triage, version 4 → 5",
        "Promised only of annotate_incident, route_to_team: at most 2 % of the decisions that run alone are wrong, with 95 % confidence for each action type by itself, in each recalibration.",
        "parallel.parquet",
    ):
        assert said in text


def test_every_action_type_has_its_sentence_and_its_row() -> None:
    text = _section(render_recalibration(a_recalibration()), "changes")

    assert "annotate_incident may gain autonomy: auto 0.85 → 0.78" in text
    assert "hold_deployments loses its autonomy, because no threshold is certified" in text
    assert (
        "annotate_incident ▲ may gain 0.85 → 0.78 0.6 % at most 1.0 % 0.9 % at most 1.9 % 21 of 2,218 wrong"
        " 42.4 → 55.4 % 61.8 → 50.1 % 46.1 → 35.6" in text
    )
    assert "remediation ○ none to give — — — — — —" in text


def test_a_lower_review_threshold_that_is_proposed_is_told() -> None:
    lowered = a_type().model_copy(update={"review": 0.8, "proposed_review": 0.78})

    assert "review 0.80 → 0.78" in _section(render_recalibration(a_recalibration(lowered)), "changes")  # fmt: skip


def test_a_certificate_says_what_it_stands_on() -> None:
    text = _section(render_recalibration(a_recalibration()), "types")
    given = a_certificate("annotate_incident", 0.78)

    for said in (
        "at most 1.9 % wrong at 0.78 and above; target 2.0 %",
        f"{given.k} of {given.n:,} wrong",
        "fixed sequence from high to low, exact binomial; 14 thresholds tested from 0.91 down",
        "2026-08-09T09:00:00Z",
        "sha256:4f4f4f4f4f4f4f4f",
    ):
        assert said in text


def test_a_share_of_the_chance_and_labels_of_a_part_are_told() -> None:
    shared = a_certificate("annotate_incident", 0.78).model_copy(
        update={"delta": 0.01, "family": 5, "n": 900, "k": 3, "calibrator": "sha256:" + "9e" * 32}
    )
    result = a_type().model_copy(update={"certificate": shared})
    text = _section(render_recalibration(a_recalibration(result)), "types")

    assert "1.0 % of 5 %, shared by 5 action types" in text
    assert f"3 of 900 wrong , of {shared.n_all:,} decisions" in text.replace("wrong,", "wrong ,")
    assert "sha256:9e9e9e9e" in text


def test_the_table_of_thresholds_is_short_and_says_what_each_row_is() -> None:
    page = render_recalibration(a_recalibration(a_type()))
    text = _section(page, "types")

    assert "15 rows, 45 more in curve.csv" in text
    for said in ("0.85 in force", "0.78 proposed", "0.77 test stops", "test begins"):
        assert said in text


def test_types_without_a_curve_give_their_reason_and_no_picture() -> None:
    page = render_recalibration(an_empty_recalibration())

    assert "The log holds no decision of it by this model." in _section(page, "types")
    assert "<svg" not in page


def test_confidence_is_told_with_every_repair() -> None:
    text = _section(render_recalibration(a_recalibration()), "scores")

    assert "high and low values lie further apart than the results (slope 0.710)" in text
    assert "temperature recommended 0.009 0.006 to 0.014 0.055 1,990 temperature 1.41" in text
    assert "beta all labels of one half are right" in text
    assert "The model says the same of nearly everything (97.0 % of it)" in text


def test_a_simulation_marks_the_rule_that_breaks_its_promise_by_more_than_colour() -> None:
    page = render_recalibration(a_recalibration())
    rows = re.findall(r'<tr><th scope="row">(?:fixed sequence|naive)</th>.*?</tr>', page)

    assert len(rows) == 3
    assert ["mark fail" in row for row in rows] == [False, False, True]


def test_the_diff_keeps_every_line_with_its_sign() -> None:
    page = render_recalibration(a_recalibration(), DIFF)
    shown = re.search(r'<pre class="diff".*?</pre>', page, re.DOTALL)

    assert shown is not None
    assert "".join(_read(shown.group()).words) == DIFF
    assert '<span class="removed">-version: &#34;4&#34;' in shown.group()
    assert "replay.json" in page


def test_without_a_change_there_is_no_diff_and_no_link_to_one() -> None:
    page = render_recalibration(an_empty_recalibration())

    assert 'href="#diff"' not in page
    assert 'href="#scores"' not in page
    assert 'href="#simulation"' not in page


def test_what_is_assumed_and_what_is_odd_about_the_log_is_told() -> None:
    text = _section(render_recalibration(a_recalibration()), "limits")

    assert "Tomorrow looks like this log" in text
    assert "reviewers found 74.1 % of planted errors" in text


def test_a_threshold_kept_without_a_certificate_is_marked_as_a_fault() -> None:
    page = render_recalibration(a_recalibration(a_recalibration_of_thirty().types[4]))

    assert '<span class="chip state-fail"><span aria-hidden="true">◆</span>keeps, uncertified' in page  # fmt: skip


def test_of_many_types_the_first_are_open_and_every_one_is_there() -> None:
    document = a_recalibration_of_thirty()
    page = render_recalibration(document)

    assert page.count('<article class="type"') == MOST_OPEN
    for place in range(1, 31):
        assert page.count(f'id="type-{place}"') == 1
    assert len(page.encode()) < 2_000_000


@pytest.mark.parametrize(("document", "diff"), EVERY)
def test_the_page_has_no_script_no_outside_address_and_no_inline_style(
    document: Recalibration, diff: str
) -> None:
    reader = _read(render_recalibration(document, diff))

    assert not {"script", "iframe", "object", "embed", "form", "img", "base"} & set(reader.tags)
    assert reader.tags.count("style") == 1
    for name, value in reader.attributes:
        assert not name.startswith("on")
        assert name not in {"style", "src", "action"}
        if name == "href":
            assert value is not None
            assert value.startswith("#") or value == "data:,"


@pytest.mark.parametrize(("document", "diff"), EVERY)
def test_the_page_is_well_formed(document: Recalibration, diff: str) -> None:
    reader = _read(render_recalibration(document, diff))
    levels = [int(tag[1]) for tag in reader.tags if re.fullmatch(r"h\d", tag)]

    assert reader.open == []
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert reader.tags.count("caption") == reader.tags.count("table")
    ids = [value for name, value in reader.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    for name, value in reader.attributes:
        if name == "href" and value and value.startswith("#"):
            assert value[1:] in ids
        if name == "aria-labelledby":
            assert set((value or "").split()) <= set(ids)
        if name == "clip-path":
            assert value is not None
            assert value[5:-1] in ids


def test_every_picture_has_a_title_and_says_its_numbers() -> None:
    page = render_recalibration(a_recalibration())
    pictures = re.findall(r'<svg[^>]*role="img".*?</svg>', page, re.DOTALL)

    assert len(pictures) == 3
    for drawn in pictures:
        assert re.search(r'<title id="[^"]+">[^<]+</title><desc id="[^"]+">Target 2\.0 %', drawn)
    hidden = re.findall(r"<svg(?![^>]*role=\"img\")[^>]*>", page)
    assert all('aria-hidden="true"' in tag for tag in hidden)


def test_hostile_names_are_shown_and_do_nothing() -> None:
    page = render_recalibration(a_hostile_recalibration(), HOSTILE_DIFF)
    text = _read(page).text

    assert page.count("</style>") == 1
    assert "<script>window.pwned=1</script>" in text
    assert "⟨U+202E⟩gnp.exe" in text
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert "{{ 7 * 7 }}" in text
    assert HOSTILE[-1] in text
    assert "None" not in text


def test_the_same_recalibration_gives_the_same_page() -> None:
    assert render_recalibration(a_recalibration(), DIFF) == render_recalibration(a_recalibration(), DIFF)  # fmt: skip
