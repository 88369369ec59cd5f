import pytest

from hitl.render.difference import fit_pieces, mark_words
from hitl.render.text import brief, cut, fit, page_bytes, show


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param("\x1b", id="escape"),
        pytest.param("\x9b", id="c1 control sequence"),
        pytest.param("\r", id="lone carriage return"),
        pytest.param("\u202e", id="right to left override"),
        pytest.param("\u2066", id="bidi isolate"),
        pytest.param("\u200b", id="zero width space"),
        pytest.param("\ufeff", id="byte order mark"),
        pytest.param("\u2028", id="line separator"),
        pytest.param("\ud800", id="lone surrogate"),
        pytest.param("\ufffe", id="not a character"),
        pytest.param("\U000e0041", id="tag letter"),
        pytest.param("\x00", id="nul"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_its_code_point(hidden: str) -> None:
    shown = show(f"a{hidden}b")

    assert shown == f"a⟨U+{ord(hidden):04X}⟩b"
    assert show(shown) == shown


def test_newlines_tabs_and_letters_of_every_script_stay() -> None:
    text = "line\r\n\tdéjà 漢字 عربى 🙂"

    assert show(text) == "line\n\tdéjà 漢字 عربى 🙂"


def test_a_cut_says_how_much_it_left_out() -> None:
    assert (cut("abcdef", 4).text, cut("abcdef", 4).left_out) == ("abcd", 2)
    assert cut("ab", 4).left_out == 0


def test_a_cut_never_ends_inside_a_code_point() -> None:
    assert cut("ab\u202ecd", 6).text == "ab"


@pytest.mark.parametrize("text", ["'" * 500, "漢" * 500, "<&>" * 200, "\u202e" * 100])
def test_a_fitted_text_takes_no_more_bytes_than_it_may(text: str) -> None:
    short = fit(text, 300)

    assert page_bytes(short.text) <= 300
    assert len(short.text) + short.left_out == len(show(text))
    assert short.text


def test_a_brief_text_is_one_line() -> None:
    assert brief("one\ntwo\tthree", 40) == "one two three"


def test_marked_words_join_to_the_texts_they_came_from() -> None:
    old, new = "read the pod events, then wait", "restart the pod, then wait for it"

    left, right = mark_words(old, new)

    assert "".join(piece.text for piece in left) == old
    assert "".join(piece.text for piece in right) == new
    assert [piece.text for piece in left if piece.is_changed] == ["read", " events"]


def test_texts_with_nothing_in_common_are_not_marked() -> None:
    left, right = mark_words("I cannot help with that", '{"severity": "high"}')

    assert not any(piece.is_changed for piece in (*left, *right))


def test_marks_count_against_the_size() -> None:
    left, _ = mark_words("a b c d e f", "a x c y e z")

    short = fit_pieces(left, 20)

    assert sum(page_bytes(piece.text) + 11 * piece.is_changed for piece in short.pieces) <= 20
    assert sum(len(piece.text) for piece in short.pieces) + short.left_out == len("a b c d e f")
