from io import StringIO

import pytest
from rich.console import Console

from hitl.render.explain import explain
from hitl.render.terminal import print_record
from hitl.render.view import View, render
from tests.render.sample_record import a_hostile

HIDDEN = "\x1b\x07\x00\x0b\u202e\u2066\u200b\ufffe"


def _every_view() -> list[tuple[str, str]]:
    stream = StringIO()
    print_record(a_hostile(), Console(file=stream, width=80, no_color=True, force_terminal=False))
    views = [(view.value, render(a_hostile(), view)) for view in View]
    return [*views, ("terminal", stream.getvalue()), ("explain", explain(a_hostile(), None, None))]


@pytest.mark.parametrize(
    ("name", "text"), [pytest.param(name, text, id=name) for name, text in _every_view()]
)
def test_hostile_content_is_shown_as_text(name: str, text: str) -> None:
    assert not any(mark in text for mark in HIDDEN)
    shown = text.encode().decode("unicode_escape", "replace") if name == "sarif" else text
    assert "U+202E" in shown.replace("\n", "")


def test_a_huge_reply_says_how_much_is_missing() -> None:
    assert "10,000,000 characters cut" in explain(
        a_hostile(), None, a_hostile().failures[0].case_id
    )
    assert "10,000," in render(a_hostile(), View.JUNIT)
    assert "characters cut" in render(a_hostile(), View.HTML)
