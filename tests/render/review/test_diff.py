from hypothesis import given
from hypothesis import strategies as st

from hitl.render.review.diff import MOST_WORDS, Run, difference, whole

TEXTS = st.text(alphabet="ab c.\n漢字", max_size=40)


def only(runs: tuple[Run, ...]) -> list[str]:
    return [run.text for run in runs if not run.is_kept]


def test_what_stands_only_here_is_marked_on_each_side() -> None:
    found = difference("Roll back the cart, then watch.", "Roll back the shop, then wait.")

    assert only(found.left) == ["cart", "watch"]
    assert only(found.right) == ["shop", "wait"]
    assert found.note == ""


@given(TEXTS, TEXTS)
def test_runs_make_up_the_text_and_the_order_of_texts_does_not_matter(
    left: str, right: str
) -> None:
    found, turned = difference(left, right), difference(right, left)

    assert "".join(run.text for run in found.left) == left
    assert "".join(run.text for run in found.right) == right
    assert (turned.left, turned.right, turned.note) == (found.right, found.left, found.note)


@given(TEXTS)
def test_equal_texts_have_no_mark(text: str) -> None:
    assert not difference(text, text).is_marked


def test_space_is_no_word() -> None:
    assert not difference("one  two\n", "one two").is_marked


def test_scripts_without_spaces_are_compared_by_characters() -> None:
    assert only(difference("今日は良い天気", "今日は悪い天気").left) == ["良"]


def test_texts_with_hardly_a_common_word_are_not_marked_and_that_is_said() -> None:
    left = " ".join(f"l{number}" for number in range(50))
    right = " ".join(f"r{number}" for number in range(50))

    found = difference(left, right)

    assert not found.is_marked
    assert "hardly a word in common" in found.note


def test_the_work_is_bounded_and_the_bound_is_said() -> None:
    last = difference("same " * (MOST_WORDS - 1) + "left", "same " * (MOST_WORDS - 1) + "right")
    beyond = difference("same " * MOST_WORDS + "left", "same " * MOST_WORDS + "right")

    assert (only(last.left), last.note) == (["left"], "")
    assert not beyond.is_marked
    assert beyond.note == "only the first 20,000 words are compared"
    assert beyond.left == (Run("same " * MOST_WORDS + "left", is_kept=True),)


def test_a_line_of_a_million_characters_is_one_word() -> None:
    found = difference("x" * 1_000_000 + " end", "y" * 1_000_000 + " end")

    assert found.right[-1] == Run(" end", is_kept=True)
    assert whole("") == ()
