from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from rich.console import Console

from hitl.render.review.markdown import ratings_markdown
from hitl.render.review.ratings_page import bar, ratings_html
from hitl.render.review.ratings_words import category_rows, headline, standing
from hitl.render.review.terminal import print_agreement, print_packed, print_ratings
from hitl.review.agreement_parts import AgreementGroup, AgreementReport, Scale
from hitl.review.parts import BlindnessReport
from hitl.review.votes import Coefficient, Ratings
from hitl.review.words import Blindness
from tests.render.page_reader import PageReader
from tests.render.review.sample_ratings import silent_ratings, some_ratings, untrusted_ratings
from tests.review.releases import packed, pairs


class SvgReader(PageReader):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.feed(page)


@pytest.fixture
def console() -> Console:
    return Console(width=80, file=StringIO(), color_system=None)


def printed(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("review")


@pytest.fixture(scope="module")
def trusted(folder: Path) -> Ratings:
    return some_ratings(folder)


@pytest.fixture(scope="module")
def untrusted(folder: Path) -> Ratings:
    return untrusted_ratings(folder)


def test_every_view_says_the_same_first(trusted: Ratings, console: Console) -> None:
    first = headline(trusted)

    print_ratings(trusted, console)

    assert first == "24 items, 3 raters: candidate better on 8, equal on 8, worse on 7; 1 undecided"
    assert first in " ".join(printed(console).split())
    assert first in ratings_markdown(trusted)
    assert first in SvgReader(ratings_html(trusted)).text


def test_ratings_with_problems_are_called_a_signal_and_never_more(
    untrusted: Ratings, trusted: Ratings, console: Console
) -> None:
    print_ratings(untrusted, console)
    views = (printed(console), ratings_markdown(untrusted), SvgReader(ratings_html(untrusted)).text)

    assert standing(trusted) == "The ratings may decide."
    for view in views:
        assert "A signal only" in view
        assert "may decide" not in view
        assert "raters agree too little on actions" in view
        assert "not blind" in view.lower()
        assert "91.0 %" in view
        assert "sorts 94.0 % of 18 pairs" in " ".join(view.split())
        assert "2 of 6" in view


def test_hostile_names_stay_text_everywhere(untrusted: Ratings, console: Console) -> None:
    print_ratings(untrusted, console)
    page, markdown = ratings_html(untrusted), ratings_markdown(untrusted)

    reader = SvgReader(page)
    assert reader.open == []
    assert "script" not in reader.tags
    assert "style" not in {name for name, _ in reader.attributes}
    for view in (page, markdown, printed(console)):
        assert "\u202e" not in view
    assert "<script>" not in markdown
    assert "[a](javascript:1)" not in markdown
    for row in (line for line in markdown.splitlines() if line.startswith("|")):
        assert row.count(" | ") in {2, 3, 4}


def test_what_is_not_known_is_a_dash_with_a_reason_and_never_a_number(
    folder: Path, console: Console
) -> None:
    silent = silent_ratings(folder)
    print_ratings(silent, console)
    text = printed(console)

    assert "same answer, action: unknown (n = 0): no unit was rated twice" in text
    assert "nan" not in text + ratings_markdown(silent)
    assert "one rater" in text
    assert SvgReader(ratings_html(silent)).open == []


def test_the_bar_adds_up_and_each_stretch_has_its_own_shape(trusted: Ratings) -> None:
    assert trusted.preferences is not None
    pieces = bar(trusted.preferences)

    assert [(one.name, one.n) for one in pieces] == [
        ("win", 8),
        ("tie", 8),
        ("loss", 7),
        ("open", 1),
    ]
    assert len({one.shape for one in pieces}) == 4
    assert sum(one.width for one in pieces) == pytest.approx(600, abs=0.5)
    for one, after in pairwise(pieces):
        assert one.x + one.width == pytest.approx(after.x, abs=0.2)
    nothing = trusted.preferences.model_copy(
        update=dict.fromkeys(("wins", "ties", "losses", "undecided"), 0)
    )
    assert bar(nothing) == ()


def test_ratings_of_single_outputs_compare_nothing(trusted: Ratings) -> None:
    single = trusted.model_copy(update={"preferences": None})

    assert "nothing was compared side by side" in headline(single)
    assert "Which output is better" not in ratings_html(single)
    assert "## Preference" not in ratings_markdown(single)


def test_only_votes_that_count_say_what_is_wrong(trusted: Ratings) -> None:
    (row,) = category_rows(trusted)
    votes = [vote for item in trusted.items for vote in item.votes]
    silenced = trusted.model_copy(
        update={
            "items": tuple(
                item.model_copy(
                    update={
                        "votes": tuple(
                            vote.model_copy(update={"counts": False}) for vote in item.votes
                        )
                    }
                )
                for item in trusted.items
            )
        }
    )

    assert row.title == "wrong"
    assert row.previous + row.candidate == sum(len(vote.categories) for vote in votes)
    assert category_rows(silenced) == []


@pytest.mark.parametrize("label", Blindness)
def test_what_was_packed_is_said_with_its_label_and_links_that_can_be_copied_whole(
    label: Blindness, console: Console
) -> None:
    review = packed(pairs(5))
    report = BlindnessReport(
        label=label,
        accuracy=0.53,
        low=0.41,
        high=0.66,
        confidence=0.95,
        n_pairs=60,
        reason="looked at",
    )
    rules = review.plan.rules.model_copy(update={"blindness": report})
    plan = review.plan.model_copy(update={"rules": rules})

    print_packed(plan, "reviews/may", console, review.invitations)

    text = printed(console)
    assert {"blind": "● blind", "unproven": "◆ blindness unproven", "not_blind": "■ not blind", "open": "○ openly labelled"}[label] in text  # fmt: skip
    assert "53.0 % (41.0 to 66.0 %, 95 %, 60 pairs; 50 % is chance)" in " ".join(text.split())
    for one in review.invitations.invitations:
        assert f" · {one.name}: http://127.0.0.1:8765/#{one.token}\n" in text
    assert "hitl review serve reviews/may\n" in text


def test_without_invitations_no_token_is_printed(console: Console) -> None:
    review = packed(pairs(5))

    print_packed(review.plan, "reviews/may", console)

    text = printed(console)
    assert all(
        one.token not in text and one.name not in text for one in review.invitations.invitations
    )
    assert review.plan.packets[0].reviewer[:8] in text
    assert "HITL_REVIEW_SECRET" in text


def test_agreement_is_printed_over_all_and_by_group(console: Console) -> None:
    one = Coefficient(
        name="fleiss_kappa",
        subject="label",
        estimate=0.61,
        low=0.55,
        high=0.67,
        confidence=0.95,
        n=80,
        method="m",
    )
    groups = (
        AgreementGroup(group="[b]a[/b]", n_units=60, n_twice=60, coefficients=(one,)),
        AgreementGroup(
            group="", n_units=20, n_twice=20, coefficients=(), reason="20 units; 50 are asked for"
        ),
    )
    report = AgreementReport(
        sources=("labels.csv",), scale=Scale.NOMINAL, categories=("x", "y"), raters=("r1", "r2"), n_units=90,
        n_twice=80, n_labels=170, n_blank=10, coefficients=(one,), by="set", groups=groups, note="1 of 2 groups",
    )  # fmt: skip

    print_agreement(report, console)

    text = printed(console)
    assert text.count("Fleiss' kappa, label: 0.61 (0.55 to 0.67, 95 %; n = 80)") == 2
    assert "[b]a[/b]: 60 units" in text
    assert "20 units; 50 are asked for" in text
    assert "170 labels, 10 blank" in text


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_needs_nothing_and_fits_a_telephone(
    browser: Browser, tmp_path: Path, trusted: Ratings, untrusted: Ratings, scheme: str
) -> None:
    said: list[str] = []
    page = browser.new_page(
        viewport={"width": 390, "height": 844}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page.on("console", lambda message: said.append(message.text))
    for name, ratings in (("trusted", trusted), ("untrusted", untrusted)):
        file = tmp_path / f"{name}.html"
        file.write_text(ratings_html(ratings), encoding="utf-8")
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(18, 19, 22)" if scheme == "dark" else "rgb(246, 246, 243)")
        assert page.evaluate("window.pwned") is None
    assert said == []
    page.close()
