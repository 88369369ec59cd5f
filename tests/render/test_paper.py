from base64 import b64decode
from hashlib import sha256

import pytest
from jinja2 import UndefinedError

from hitl.render.paper import paper, style_hash


def test_what_is_printed_is_escaped_and_unseen_characters_are_shown() -> None:
    page = paper().from_string("{{ text }}").render(text='<b title="a">\u202e\x1b')

    assert page == "&lt;b title=&#34;a&#34;&gt;⟨U+202E⟩⟨U+001B⟩"


def test_what_is_missing_is_a_dash_and_what_is_unknown_is_a_fault() -> None:
    assert paper().from_string("{{ value }}").render(value=None) == "—"
    with pytest.raises(UndefinedError):
        paper().from_string("{{ nobody }}").render()


def test_a_style_is_named_by_the_digest_of_its_text() -> None:
    assert b64decode(style_hash("a { }")) == sha256(b"a { }").digest()
