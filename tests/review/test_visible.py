import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitl.review.visible import visible


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("\ufeffone  \ntwo\t\n\n", "one\ntwo"),
        ("\n\none", "one"),
        ("one\u00a0two\u202fthree\u3000four", "one two three four"),
        ("zero\u200bwidth\u2060\u00ad\u180e", "zerowidth"),
        ("tag\U000e0041\U000e0042ged\ufe0f\u034f", "tagged"),
        ("cafe\u0301", "caf\u00e9"),
        ("a\tb", "a   b"),
        ("left\u200eright\u200f", "leftright"),
        ("two\u2028lines\u0085more", "two\nlines\nmore"),
    ],
)
def test_what_cannot_be_seen_makes_no_difference(first: str, second: str) -> None:
    assert visible(first) == visible(second) == second


@pytest.mark.parametrize(
    "text",
    [
        "an em — dash, a hyphen - dash",
        '“curly” and "straight"',
        "two  blanks and\n\nan empty line",
        "    indented\n  - a bullet",
        "\u0646\u0645\u06cc\u200c\u0634\u0648\u062f",
        "👩\u200d🚒 ❤\ufe0f 1\ufe0f\u20e3",
        "क्\u200dष",
    ],
)
def test_what_is_seen_stays(text: str) -> None:
    assert visible(text) == text


def test_signs_that_turn_or_control_text_are_shown_as_marks() -> None:
    assert visible("a\u202eb\u2066c\x1b[31m\x00") == "a[U+202E]b[U+2066]c[U+001B][31m\ufffd"


@given(st.text(alphabet=st.characters(), max_size=40) | st.lists(st.sampled_from("a e\u0301\u200d\u200c\ufe0f❤क्\n\t\r\u1160가\u00a0")).map("".join))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_what_is_visible_is_visible_as_it_is(text: str) -> None:
    once = visible(text)

    assert visible(once) == once
    assert "\r" not in once
    assert not any(line.endswith(" ") for line in once.split("\n"))
