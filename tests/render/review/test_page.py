import re
from dataclasses import replace

import pytest

from hitl.render.review.page import (
    SCRIPT,
    STYLE,
    entry_page,
    item_page,
    list_page,
    lock_page,
    problem_page,
)
from hitl.render.review.views import ItemView
from hitl.review.words import Action, ErrorCategory
from tests.render.page_reader import PageReader
from tests.render.review.sample_views import (
    HOSTILE,
    a_frame,
    a_hostile,
    a_list,
    a_pair,
    a_shadow,
    a_single,
    a_vote,
    an_adjudicated,
)

PAGES = {
    "pair": item_page(a_pair()),
    "voted": item_page(a_pair(vote=a_vote())),
    "single": item_page(a_single()),
    "shadow": item_page(a_shadow()),
    "adjudicated": item_page(an_adjudicated()),
    "hostile": item_page(a_hostile()),
    "list": list_page(a_list()),
    "locked": list_page(a_list(is_locked=True, can_lock=False)),
    "lock": lock_page(a_list(problems=("type it again",))),
    "entry": entry_page("nobody has this token", "c5f"),
    "problem": problem_page(409, HOSTILE),
}


class FormReader(PageReader):
    """Collects fields and buttons too."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "input":
            self.fields.append({"tag": tag, **dict(attrs)})
            self.tags.append(tag)
            return
        if tag in {"button", "select", "textarea", "form", "option", "progress"}:
            self.fields.append({"tag": tag, **dict(attrs)})
        super().handle_starttag(tag, attrs)

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [one for one in self.fields if one.get("name") == name]

    def chosen(self, name: str) -> list[str | None]:
        return [one["value"] for one in self.named(name) if "checked" in one]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_well_formed_and_holds_neither_style_nor_script_of_its_own(name: str) -> None:
    page = FormReader(PAGES[name])

    assert page.open == []
    attributes = {attribute for attribute, _ in page.attributes}
    assert "style" not in attributes
    assert not {attribute for attribute in attributes if attribute.startswith("on")}
    assert "style" not in page.tags
    assert re.findall(r"<script[^>]*>", PAGES[name]) == ['<script src="/static/review.js" defer>']
    urls = [
        value or ""
        for attribute, value in page.attributes
        if attribute in {"href", "src", "action", "formaction"}
    ]
    assert all(url.startswith(("/", "#")) for url in urls)
    assert ("lang", "en") in page.attributes


@pytest.mark.parametrize("name", PAGES)
def test_every_field_has_a_label_and_every_name_is_used_once(name: str) -> None:
    page = FormReader(PAGES[name])
    ids = [value for attribute, value in page.attributes if attribute == "id"]
    ids += [str(one["id"]) for one in page.fields if one["tag"] == "input" and one.get("id")]
    targets = {value for attribute, value in page.attributes if attribute == "for"}

    assert len(ids) == len(set(ids))
    for one in page.fields:
        is_wrapped = one.get("type") in {"radio", "checkbox", "hidden"}
        if one["tag"] in {"input", "select", "textarea", "progress"} and not is_wrapped:
            assert one["id"] in targets
    labels = {
        (value or "").split()[0]
        for attribute, value in page.attributes
        if attribute == "aria-labelledby"
    }
    assert labels <= set(ids)


def test_a_pair_asks_for_both_actions_and_a_preference() -> None:
    page = FormReader(PAGES["pair"])

    for side in "AB":
        assert [one["value"] for one in page.named(f"action_{side}")] == [*Action]
        assert {one["tag"] for one in page.named(f"category_{side}")} == {"select"}
        assert page.named(f"severity_{side}")
        assert page.named(f"right_answer_{side}")
    assert {one["value"] for one in page.named("preference")} == {"A", "B", "tie"}
    assert {one["value"] for one in page.named("do")} == {"save", "later", "undo", "confidence"}
    assert [one["value"] for one in page.named("revision")] == ["0"]
    # Enter inside a field presses the first button of a form: it has to be the one that saves.
    assert page.named("do")[0]["value"] == "save"
    options = {one.get("value") for one in page.fields if one["tag"] == "option"}
    assert {*ErrorCategory} <= options


def test_one_output_alone_asks_for_no_preference_and_has_no_second_side() -> None:
    page = FormReader(PAGES["single"])

    assert page.named("preference") == []
    assert page.named("action_B") == []
    assert "What would you do with the output?" in page.text


def test_two_outputs_in_single_mode_are_not_compared() -> None:
    frame = a_single().frame

    assert FormReader(item_page(replace(a_pair(), frame=frame))).named("preference") == []


def test_what_was_said_before_is_in_the_form() -> None:
    page = FormReader(PAGES["voted"])

    assert page.chosen("action_A") == ["approve"]
    assert page.chosen("action_B") == ["reject"]
    assert page.chosen("preference") == ["A"]
    assert "A restart drops baskets & helps nobody." in page.text
    assert "Roll back first." in page.text


def test_what_was_typed_is_not_called_a_vote() -> None:
    assert "voted" in FormReader(PAGES["voted"]).text
    text = FormReader(item_page(a_pair(vote=a_vote(), is_draft=True, problems=("say why",)))).text
    assert "not saved" in text
    assert "voted" not in text


def test_confidence_stays_hidden_until_it_is_asked_for() -> None:
    assert "91.0 %" not in PAGES["pair"]
    assert 'value="confidence"' in PAGES["pair"]
    shown = item_page(replace(a_pair(), shows_confidence=True))
    assert shown.count("Stated confidence: <strong>91.0 %") == 2
    assert 'value="confidence"' not in shown


def test_a_blind_page_names_no_one_and_an_open_one_says_so() -> None:
    assert "openly labelled" not in PAGES["pair"].lower()
    assert "Openly labelled: new and old" in PAGES["shadow"]
    text = FormReader(PAGES["shadow"]).text
    assert "What would you do with output A (new)?" in text
    assert "What would you do with output B (old)?" in text


def test_only_an_adjudicator_sees_what_raters_said() -> None:
    assert "What raters said" not in PAGES["pair"]
    text = FormReader(PAGES["adjudicated"]).text
    assert "rater 1" in text
    assert "modify" in text
    assert "prefers B" in text


def test_hostile_texts_stay_texts() -> None:
    page = FormReader(PAGES["hostile"])

    assert "img" not in page.tags
    assert "\u202e" not in PAGES["hostile"]
    assert "\x1b" not in PAGES["hostile"]
    assert "⟨U+202E⟩gnp.exe" in page.text
    assert "{{ 7*7 }}" in page.text
    assert "<script>window.pwned=1</script>" in page.text


def test_a_line_break_that_begins_a_text_outlives_the_form() -> None:
    vote = a_vote().model_copy(update={"reason": "\nsecond line"})

    page = item_page(a_pair(vote=vote))

    assert '<textarea id="reason" name="reason" rows="2" maxlength="20000" dir="auto">\n\nsecond line</textarea>' in page  # fmt: skip


def test_nothing_to_take_back_and_no_way_on_are_not_offered() -> None:
    page = item_page(a_pair(can_undo=False, before="", after=""))

    assert re.search(r'value="undo"[^>]* disabled', page)
    assert 'rel="prev"' not in page
    assert 'rel="next"' not in page


def test_the_list_says_what_is_left_and_offers_to_lock_only_who_may() -> None:
    text = FormReader(PAGES["list"]).text
    assert "5 items left" in text
    assert "A approve, B reject, prefers A" in text
    assert "put off" in text
    assert 'href="/lock"' in PAGES["list"]
    waiting = list_page(a_list(can_lock=False, waiting="two raters have not locked"))
    assert 'href="/lock"' not in waiting
    assert "Two raters have not locked." in waiting
    assert "/items/" not in PAGES["locked"]
    assert "Your votes are final" in PAGES["locked"]


def test_locking_asks_for_the_token_and_for_blanks() -> None:
    page = FormReader(PAGES["lock"])

    assert page.named("token")
    assert page.named("accept_blanks")
    assert "type it again" in page.text
    full = lock_page(a_list(frame=a_frame(n_items=8, n_done=8)))
    assert "accept_blanks" not in full


@pytest.mark.parametrize(
    ("one", "other"), [(a_pair(), a_pair()), (a_hostile(), a_hostile())], ids=["pair", "hostile"]
)
def test_the_same_view_gives_the_same_page(one: ItemView, other: ItemView) -> None:
    assert item_page(one) == item_page(other)


def test_style_and_script_load_nothing_from_elsewhere() -> None:
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    for banned in ("http:", "https:", "eval(", "innerHTML", "document.write"):
        assert banned not in SCRIPT
