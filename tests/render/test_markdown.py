from hitl.render import numbers
from hitl.render.markdown import MOST_CHARACTERS, render_markdown
from tests.render.sample_record import a_hold, a_hold_with, a_hostile, a_ship


def test_the_verdict_and_its_reason_come_first() -> None:
    lines = render_markdown(a_hold()).splitlines()

    assert lines[0] == "## ■ HOLD: `atlas-2026-11`"
    assert "24 of 180 cases lost, 3 gained" in lines[2]


def test_every_subset_and_every_failed_case_has_a_row() -> None:
    record = a_hold()
    text = render_markdown(record)

    for subset in record.subsets:
        row = next(line for line in text.splitlines() if line.startswith(f"| `{subset.id}`"))
        assert subset.state.value in row
        assert f"| {subset.n_cases} |" in row
        assert numbers.passed(subset.candidate) in row
    for failure in record.failures:
        assert f"| `{failure.case_id}` |" in text


def test_a_long_record_is_cut_and_says_what_was_cut() -> None:
    text = render_markdown(a_hold_with(3_000, "restart the pod " * 60))

    assert len(text) < MOST_CHARACTERS
    assert "*Cut here; record.json has 2," in text
    assert " failed cases more.*" in text
    assert "record `" in text.splitlines()[-1]


def test_hostile_text_opens_no_tag_no_link_no_mention_and_no_cell() -> None:
    text = render_markdown(a_hostile())
    outside = "\n".join(_without_code(text))

    assert "<script" not in outside
    assert "<img" not in outside
    assert "@everyone" not in outside
    assert "https://evil" not in outside
    assert "[click](" not in outside
    for line in text.splitlines():
        if line.startswith("| `") and line.endswith("| Lost |"):
            assert line.count("|") == 7


def test_a_release_that_ships_has_no_failed_cases_to_show() -> None:
    text = render_markdown(a_ship())

    assert "SHIP" in text.splitlines()[0]
    assert "Failed cases" not in text


def _without_code(text: str) -> list[str]:
    """Return the lines outside fences, with code spans taken out."""
    kept: list[str] = []
    fence = ""
    for line in text.splitlines():
        ticks = line[: len(line) - len(line.lstrip("`"))]
        if fence:
            fence = "" if line == fence else fence
        elif len(ticks) >= 3 and line == f"{ticks}text":
            fence = ticks
        else:
            kept.append(_spans_removed(line))
    assert not fence
    return kept


def _spans_removed(line: str) -> str:
    out = ""
    at = 0
    while at < len(line):
        if line[at] == "\\":
            out, at = out + line[at : at + 2], at + 2
        elif line[at] == "`":
            run = line[at:][: len(line[at:]) - len(line[at:].lstrip("`"))]
            end = at + len(run)
            while (
                line[end : end + len(run)] != run
                or line[end + len(run) : end + len(run) + 1] == "`"
            ):
                end += 1
                assert end < len(line), "a code span never closes"
                while line[end - 1] == "`" and line[end] == "`":
                    end += 1
            at = end + len(run)
        else:
            out, at = out + line[at], at + 1
    return out
