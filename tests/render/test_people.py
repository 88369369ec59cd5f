"""What people found in a review, in every view: extent, authority, blindness, agreement, differences with n."""

import re
from collections.abc import Callable
from html import unescape
from io import StringIO

import pytest
from rich.console import Console

from hitl.record.release import ReleaseRecord
from hitl.render.brief.markdown import render_brief_markdown
from hitl.render.brief.page import render_brief_page
from hitl.render.explain import explain
from hitl.render.markdown import render_markdown
from hitl.render.page import render_page
from hitl.render.people import people_lines
from hitl.render.terminal import print_record
from tests.render.sample_hold import a_hold
from tests.render.sample_people import ALICE, BOB, DORA, a_figure, a_rate, a_reviewed, an_unused
from tests.render.sample_record import a_hostile

View = Callable[[ReleaseRecord], str]


def page_text(record: ReleaseRecord) -> str:
    """Return what a reader sees of the page, on one line."""
    body = render_page(record).split("</style>", 1)[1]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def in_terminal(record: ReleaseRecord) -> str:
    stream = StringIO()
    print_record(record, Console(file=stream, width=4000, no_color=True, force_terminal=False))
    return stream.getvalue()


def in_walk(record: ReleaseRecord) -> str:
    return explain(record, None, None)


VIEWS = [page_text, render_markdown, in_walk, in_terminal]


@pytest.mark.parametrize("view", VIEWS)
def test_extent_authority_blindness_agreement_and_preference_are_in_every_view(view: View) -> None:
    text = view(a_reviewed())
    for part in (
        "199 of 400 cases rated (200 chosen), 190 with a consensus",
        "decide in remediation",
        "signal only in tone",
        "not blind",
        "83.0 %",
        "n = 120 pairs",
        "0.71 (0.64 to 0.78, n = 400)",
        "candidate preferred in 24 items, the previous one in 44",
        "−9.5 pt (−17.1 to −1.9 pt)",
        "n = 600 votes on 200 items by 3 reviewers",
    ):
        assert part in text.replace("&#8203;", "")


@pytest.mark.parametrize("view", [page_text, render_markdown, in_walk])
def test_rates_of_both_arms_and_what_was_wrong_stand_where_there_is_room(view: View) -> None:
    text = view(a_reviewed())
    for part in ("modified or rejected", "8.1 %", "15.2 %", "+7.1 pt", "41 s", "−2.80 s", "wrong in 21 votes", "off topic in 4 votes"):  # fmt: skip
        assert part in text


@pytest.mark.parametrize("view", VIEWS)
def test_a_review_that_does_not_count_says_why_and_no_number(view: View) -> None:
    text = view(an_unused("the review is not closed: rater ab12 has not locked"))
    assert "the review is not closed: rater ab12 has not locked" in text.replace("\\", "")
    assert "identifiability" not in text


@pytest.mark.parametrize("view", VIEWS)
def test_a_release_without_a_review_does_not_speak_of_people(view: View) -> None:
    assert people_lines(a_hold()) == ()
    assert "What people found" not in view(a_hold())


@pytest.mark.parametrize("view", VIEWS)
def test_why_ratings_decide_nothing_is_said(view: View) -> None:
    text = view(a_reviewed(problems=("raters agree too little on actions",)))
    assert "raters agree too little on actions" in text


def test_the_page_links_to_people_reasons_and_reviewers_by_hash() -> None:
    page = render_page(a_reviewed())
    assert page.count('href="#people"') == page.count('id="people"') == 1
    text = page_text(a_reviewed())
    for part in ("Names a runbook that is not there.", "reject, candidate reply", ALICE[:8], BOB[:8], DORA[:8], "1 of 5 known answers right", "none asked"):  # fmt: skip
        assert part in text
    assert ALICE not in text


def test_a_case_is_explained_with_its_votes_and_those_that_do_not_count() -> None:
    record = a_reviewed()
    text = explain(record, None, record.failures[0].case_id)
    for part in (
        "people on the candidate reply: reject",
        f"{ALICE[:8]} reject (off topic): No such runbook.",
        f"{BOB[:8]} approve, does not count",
        f"{DORA[:8]} adjudicator reject",
        "preferred: loss for the candidate",
    ):
        assert part in text


def test_the_votes_of_one_case_are_not_told_of_another() -> None:
    record = a_reviewed()
    assert "people on" not in explain(record, None, record.failures[1].case_id)


@pytest.mark.parametrize("view", [render_brief_markdown, render_brief_page])
def test_the_brief_says_what_people_found_after_its_warning(view: View) -> None:
    text = view(a_reviewed())
    warning, found = text.index("Do not read this before a blind review"), text.index("called wrong in 21 votes")  # fmt: skip
    assert warning < found
    assert "the previous ones in 9" in text
    assert "What people found" not in view(a_hold())
    assert "What people found" not in view(an_unused("not closed"))


def test_a_figure_that_is_not_known_is_a_dash_with_its_reason_and_never_none() -> None:
    unknown = a_figure(None, None, None, n=0, n_items=0, n_reviewers=0, reason="no vote counts")
    rate = a_rate().model_copy(update={"candidate": unknown, "difference": unknown})
    record = a_reviewed(rates={"escalate": rate}, agreement=(), preferences=None)
    for view in VIEWS[:3]:
        text = view(record)
        assert "None" not in text
        assert "no vote counts" in text
    assert "agreement on actions: not known" in in_walk(record)


def test_hostile_text_of_a_review_stays_text() -> None:
    record = a_hostile()
    page = render_page(record)
    assert "<script" not in page.split("</style>")[1]
    for view in (*VIEWS, render_brief_markdown, render_brief_page):
        text = view(record)
        assert not any(mark in text for mark in "\x1b\x07\x00\u202e\u2066\u200b")
    walk = explain(record, None, record.failures[0].case_id)
    assert "U+202E" in walk
