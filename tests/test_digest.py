import hashlib
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitl.digest import canonical, digest, digest_bytes, digest_file

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_the_canonical_form_is_that_of_the_standard() -> None:
    value = {"b": [1.0, 1e21, 0.000001], "a": "ö\n", "\U0001f600": None, "z": False}

    expected = '{"a":"ö\\n","b":[1,1e+21,0.000001],"z":false,"\U0001f600":null}'
    assert canonical(value) == expected.encode()


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), JSON))
def test_the_order_of_keys_changes_nothing(value: dict[str, object]) -> None:
    assert digest(dict(reversed(list(value.items())))) == digest(value)


@given(JSON, JSON)
def test_two_values_have_one_digest_only_if_they_are_equal(one: object, other: object) -> None:
    assert (digest(one) == digest(other)) == (canonical(one) == canonical(other))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(math.nan, id="NaN"),
        pytest.param(math.inf, id="infinity"),
        pytest.param(2**53, id="an integer that a double cannot keep apart"),
        pytest.param({"a": [-(2**60)]}, id="inside"),
        pytest.param("\ud800", id="a lone surrogate"),
        pytest.param({1: "a"}, id="a key that is no text"),
        pytest.param(object(), id="no JSON at all"),
    ],
)
def test_what_has_no_canonical_form_has_no_digest(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        digest(value)


def test_nesting_without_end_has_no_digest() -> None:
    value: list[object] = []
    value.append(value)

    with pytest.raises(ValueError, match=r"."):
        digest(value)


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1])
def test_a_file_is_read_in_pieces_and_named_by_all_of_them(tmp_path: Path, size: int) -> None:
    content = b"x" * size
    (tmp_path / "x").write_bytes(content)

    assert (
        digest_file(tmp_path / "x") == digest_bytes(content) == hashlib.sha256(content).hexdigest()
    )
