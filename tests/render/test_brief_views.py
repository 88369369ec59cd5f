import re
from itertools import pairwise

import pytest
from markdown_it import MarkdownIt

from hitl.record.release import ReleaseRecord
from hitl.render.brief.content import BLIND
from hitl.render.brief.markdown import render_brief_markdown
from hitl.render.brief.page import render_brief_page
from tests.render.page_reader import PageReader
from tests.render.sample_brief import a_styled
from tests.render.sample_forecast import a_recalibration, a_spike
from tests.render.sample_parts import HOSTILE
from tests.render.sample_record import a_hold, a_hostile, a_revert, a_ship, an_unmeasured

HIDDEN = "\x1b\x07\x00\x0b\u202e\u2066\u200b\ufffe"
RECORDS = [
    pytest.param(a_ship(), id="ship"),
    pytest.param(a_hold(), id="hold"),
    pytest.param(a_revert(), id="revert"),
    pytest.param(an_unmeasured(), id="unmeasured"),
    pytest.param(a_styled(), id="everything"),
    pytest.param(a_hostile(), id="hostile"),
]


def a_hostile_brief() -> ReleaseRecord:
    """A record in which what reviewers read is written by an attacker."""
    moves = tuple(
        move.model_copy(update={"reason": HOSTILE, "suggestions": (HOSTILE,)})
        for move in a_recalibration().moves
    )
    return a_hostile().model_copy(
        update={
            "forecast": a_spike(headline=HOSTILE),
            "recalibration": a_recalibration(HOSTILE).model_copy(
                update={"moves": moves, "new_version": HOSTILE}
            ),
            "style": a_styled().style,
        }
    )  # fmt: skip


def read(record: ReleaseRecord) -> PageReader:
    reader = PageReader()
    reader.feed(render_brief_page(record))
    reader.close()
    assert reader.open == []
    return reader


@pytest.mark.parametrize("record", RECORDS)
def test_every_record_gives_both_views_with_the_warning_before_anything_else(
    record: ReleaseRecord,
) -> None:
    markdown = render_brief_markdown(record)
    page = read(record)

    assert markdown.splitlines()[2] == f"**{BLIND}**"
    assert page.text.index(BLIND) < page.text.index("What changed")


def test_both_views_say_the_same() -> None:
    markdown, page = render_brief_markdown(a_styled()), read(a_styled()).text

    for words in (
        "Replies are 1.8 times as long (1,240 against 690 characters; +550, +510 to +590; n = 420 cases)",
        "Take more time where region is eu",
        "restart the remaining pods",
        "annotate_incident runs alone from confidence 0.62",
        "No reply was recorded for this subset.",
        "a reply; +0.50",
    ):
        assert words in page
        assert words in markdown.replace("\\_", "_")


def test_the_forecast_stands_before_everything_but_the_verdict() -> None:
    headings = re.findall(r"^## (.+)$", render_brief_markdown(a_styled()), re.MULTILINE)

    assert headings == [
        "■ HOLD", "Forecast", "What changed", "What to look for", "The new style in numbers", "New ways to fail",
        "What got worse", "Thresholds", "What is not known",
    ]  # fmt: skip


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    page = read(a_hostile_brief())

    assert not {"script", "img", "iframe", "object", "link rel=stylesheet"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    links = [value for name, value in page.attributes if name in {"href", "src"} and value]
    assert all(link.startswith("#") or link == "data:," for link in links)
    assert "default-src 'none'" in str(page.attributes)


def test_links_inside_the_page_lead_somewhere() -> None:
    page = read(a_styled())
    ids = {value for name, value in page.attributes if name == "id"}

    targets = {
        value[1:]
        for name, value in page.attributes
        if name == "href" and value and value.startswith("#")
    }

    assert targets <= ids
    assert {"forecast", "watch", "style", "failures", "thresholds", "unknown"} <= targets


def test_headings_go_down_one_step_at_a_time() -> None:
    levels = [int(tag[1]) for tag in read(a_styled()).tags if re.fullmatch("h[1-6]", tag)]

    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_hostile_text_stays_text_in_both_views() -> None:
    markdown, page = (
        render_brief_markdown(a_hostile_brief()),
        render_brief_page(a_hostile_brief()),
    )

    assert not any(mark in markdown or mark in page for mark in HIDDEN)
    assert "U+202E" in markdown
    assert "U+202E" in page
    assert "<script>" not in page


def test_hostile_text_becomes_no_structure_of_the_markdown() -> None:
    drawn = MarkdownIt("commonmark", {"html": True}).enable("table")
    tokens = drawn.parse(render_brief_markdown(a_hostile_brief()))
    every = [child for token in tokens for child in (token.children or [token])]

    html = {token.content.strip() for token in every if token.type in {"html_inline", "html_block"}}
    assert html <= {"<br>", "<sub>", "</sub>"}
    assert not [token for token in every if token.type in {"link_open", "image"}]
    headings = [after.content for before, after in pairwise(tokens) if before.type == "heading_open"]  # fmt: skip
    assert "Heading" not in headings


def test_a_long_reply_is_cut_and_says_by_how_much() -> None:
    page = render_brief_page(a_styled(failures=tuple(
        failure.model_copy(update={"candidate": failure.candidate.model_copy(update={"text": "x" * 700, "cut": 300})})
        for failure in a_styled().failures
    )))  # fmt: skip

    assert "500 characters cut" in page


def test_a_record_with_ten_thousand_failures_stays_a_brief() -> None:
    many = a_styled().failures * 400

    assert len(render_brief_page(a_styled(failures=many))) < 150_000
    assert len(render_brief_markdown(a_styled(failures=many))) < 60_000


def test_a_record_from_before_style_was_measured_has_a_brief() -> None:
    page = read(a_hold())

    assert "Nothing is known of how the replies are written" in page.text
    assert "moved beyond chance" not in page.text
