import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hitl.document.edit import Edit, edit_scalars, number_text, replacements
from hitl.errors import DocumentError

HERE = Path("policy.yaml")
AUTO, OTHER = ("types", "a", "auto"), ("types", "b", "auto")
VERSION = ("version",)


def edited(text: str, *edits: Edit) -> str:
    return edit_scalars(text.encode("utf-8"), HERE, edits).decode("utf-8")


@pytest.mark.parametrize(("before", "edit", "after"), [
    pytest.param("version: '4' # four\n", Edit(VERSION, "5"), "version: '5' # four\n", id="single quotes and a comment stay"),
    pytest.param('version: "4"\n', Edit(VERSION, "5"), 'version: "5"\n', id="double quotes stay"),
    pytest.param("version: 1.10\n", Edit(VERSION, "1.11"), "version: 1.11\n", id="a plain version keeps its text"),
    pytest.param("version: v4\n", Edit(VERSION, "5"), 'version: "5"\n', id="text does not become a number"),
    pytest.param("version: v4\n", Edit(VERSION, "true"), 'version: "true"\n', id="text does not become a word with a meaning"),
    pytest.param("version: 1.9\n", Edit(VERSION, "1.10"), 'version: "1.10"\n', id="a number that is not its text is quoted"),
    pytest.param("version: 4\n", Edit(VERSION, "007"), 'version: "007"\n', id="leading zeros are no octal number"),
    pytest.param("version: v4\n", Edit(VERSION, "0o7"), 'version: "0o7"\n', id="text does not become an octal number"),
    pytest.param("version: v4\n", Edit(VERSION, "2026-06-01"), 'version: "2026-06-01"\n', id="text does not become a date"),
    pytest.param("version: v4\n", Edit(VERSION, "1_000"), 'version: "1_000"\n', id="text does not become a number of YAML 1.1"),
    pytest.param("version: 4\n", Edit(VERSION, "no"), 'version: "no"\n', id="text does not become a word of YAML 1.1"),
    pytest.param("version: v4\n", Edit(VERSION, "a: b # c"), 'version: "a: b # c"\n', id="text that would be more than a scalar is quoted"),
    pytest.param("version: 'it''s'\n", Edit(VERSION, "he's"), "version: 'he''s'\n", id="a quote within quotes"),
    pytest.param("types: {a: {auto: 0.70}}\n", Edit(AUTO, 0.85), "types: {a: {auto: 0.85}}\n", id="flow style"),
    pytest.param("types:\n  a:\n    auto: 0.70  \t# why\n", Edit(AUTO, 0.7123), "types:\n  a:\n    auto: 0.7123  \t# why\n", id="block style with a tab before the comment"),
    pytest.param("types: {a: {auto: never}}\n", Edit(AUTO, 0.9), "types: {a: {auto: 0.9}}\n", id="a word becomes a number"),
    pytest.param("types: {a: {auto: 'never'}}\n", Edit(AUTO, 0.9), "types: {a: {auto: 0.9}}\n", id="a quoted word becomes a plain number"),
    pytest.param("types: {a: {auto: .7}}\n", Edit(AUTO, "never"), "types: {a: {auto: never}}\n", id="a number becomes a word"),
    pytest.param("types: {a: {auto: 0.7}}", Edit(AUTO, 1.0), "types: {a: {auto: 1.0}}", id="no newline at the end"),
    pytest.param("\ufefftypes: {a: {auto: 0.7}}\r\nx: 1\r\n", Edit(AUTO, 0.8), "\ufefftypes: {a: {auto: 0.8}}\r\nx: 1\r\n", id="byte order mark and CRLF"),
    pytest.param("# \U0001f600 é\nx: '\U0001f600'\ntypes: {a: {auto: 0.7}} # \U0001f600\n", Edit(AUTO, 0.8), "# \U0001f600 é\nx: '\U0001f600'\ntypes: {a: {auto: 0.8}} # \U0001f600\n", id="characters beyond the first plane"),
    pytest.param('{"x": "\\ud83d\\ude00\\ud83d\\ude00", "types": {"a": {"auto": 0.7}}}', Edit(AUTO, 0.8), '{"x": "\\ud83d\\ude00\\ud83d\\ude00", "types": {"a": {"auto": 0.8}}}', id="surrogate pairs of JSON before it"),
    pytest.param('{"types":{"a":{"auto":0.7}}}', Edit(AUTO, "never"), '{"types":{"a":{"auto":"never"}}}', id="JSON stays JSON"),
    pytest.param("---\ntypes: &all {a: {auto: 0.7}}\n...\n", Edit(AUTO, 0.8), "---\ntypes: &all {a: {auto: 0.8}}\n...\n", id="an anchor that nothing repeats"),
    pytest.param("o: &o {x: 1}\np: *o\ntypes: {a: {auto: 0.7}}\n", Edit(AUTO, 0.8), "o: &o {x: 1}\np: *o\ntypes: {a: {auto: 0.8}}\n", id="an alias elsewhere"),
    pytest.param("list: [1, {x: 2}]\n", Edit(("list", 1, "x"), 3.0), "list: [1, {x: 3.0}]\n", id="inside a list"),
    pytest.param("? version\n: 4\n", Edit(VERSION, "5"), "? version\n: 5\n", id="a key with a question mark"),
    pytest.param("version: &v '4'\n", None, "carries the anchor &v", id="an anchored scalar"),
    pytest.param("types: {a: &a {auto: 0.7}, b: *a}\n", None, "lies in &a, which is repeated elsewhere", id="repeated elsewhere"),
    pytest.param("types: {b: &b {auto: 0.7}, a: *b}\n", None, "reached through the alias \\*b", id="a parent that is an alias"),
    pytest.param("o: &o 0.7\ntypes: {a: {auto: *o}}\n", None, "reached through the alias \\*o", id="a value that is an alias"),
    pytest.param("o: &o {auto: 0.7}\ntypes: {a: {<<: *o, auto: 0.8}}\n", None, "beside a merge key", id="a merge key"),
    pytest.param("types: {a: {auto: !!str 0.7}}\n", None, "tag", id="a tag of YAML's own"),
    pytest.param("types: {a: {auto: ! 0.7}}\n", None, "tag", id="a tag without a name"),
    pytest.param("types: {a: {auto: !x 0.7}}\n", None, "tag '!x' is not allowed", id="a tag"),
    pytest.param("types:\n  a:\n    auto: |\n      0.7\n", None, "several lines", id="a block"),
    pytest.param("types:\n  a:\n    auto: 0.7\n      0.8\n", None, "several lines", id="a plain value over two lines"),
    pytest.param("types: {a: {auto: '0.7\n  0.8'}}\n", None, "several lines", id="a quoted value over two lines"),
    pytest.param("types: {a: {review: 0.7}}\n", None, "is not there", id="a missing key"),
    pytest.param("types: {a: }\n", None, "is not there", id="a missing parent"),
    pytest.param("types: {a: {auto: }}\n", None, "has no value", id="no value"),
    pytest.param("types: {a: {auto: [0.7]}}\n", None, "is a list or mapping", id="a list"),
    pytest.param("types: {a: {auto: 0.7, auto: 0.8}}\n", None, "stands twice", id="a key twice"),
    pytest.param("types: {a: {auto: 0.7}}\n---\nx: 1\n", None, "not valid YAML", id="two documents"),
])  # fmt: skip
def test_one_value_is_replaced_and_nothing_else_or_it_is_refused(
    before: str, edit: Edit | None, after: str
) -> None:
    if edit is not None:
        assert edited(before, edit) == after
        return

    at = VERSION if "version" in before else AUTO
    with pytest.raises(DocumentError, match=after):
        edited(before, Edit(at, 0.5 if at == AUTO else "5"))


def test_every_place_that_cannot_be_changed_is_told_with_its_line_and_field() -> None:
    text = "types:\n  a: &a {auto: 0.7}\n  b: *a\n"

    with pytest.raises(DocumentError) as caught:
        edited(text, Edit(AUTO, 0.8), Edit(OTHER, 0.9), Edit(VERSION, "5"))

    assert [(one.line, one.field) for one in caught.value.mistakes] == [
        (1, "version"), (2, "types.a.auto"), (3, "types.b.auto"),
    ]  # fmt: skip


def test_what_is_written_and_what_would_be_are_told_beforehand() -> None:
    text = "# first\nversion: '4'\ntypes: {a: {auto: 0.70}}\n"

    found = replacements(text.encode(), HERE, [Edit(VERSION, "5"), Edit(AUTO, 0.9)])

    assert [(one.line, one.before, one.after) for one in found] == [(2, "'4'", "'5'"), (3, "0.70", "0.9")]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), [(0.85, "0.85"), (0.7, "0.7"), (1.0, "1.0"), (0.0, "0.0"), (0.9999, "0.9999"), (0.1 + 0.2, None), (1e-5, None)])  # fmt: skip
def test_numbers_are_written_as_people_write_them_or_not_at_all(value: float, text: str | None) -> None:  # fmt: skip
    if text is not None:
        assert number_text(value) == text
        return
    with pytest.raises(ValueError, match="more than 4 decimals"):
        number_text(value)


def test_one_place_cannot_be_two_values() -> None:
    with pytest.raises(ValueError, match="two values"):
        edited("version: 4\n", Edit(VERSION, "5"), Edit(VERSION, "6"))


THRESHOLDS = st.integers(0, 10_000).map(lambda n: n / 10_000)
COMMENTS = st.sampled_from(["", " # why", "  # \U0001f600 {auto: 0.1}", "\t# [x", "   "])
NUMBERS = st.sampled_from(["0.70", ".5", "1", "1.0", "0.8500", "never", "'never'", '"never"', "5e-1"])  # fmt: skip
VERSIONS = st.sampled_from(["4", "'4'", '"4"', "v4", "1.10"])
NAMES = st.lists(st.sampled_from(["a", "b", "'c d'", '"\\u00e9"', "\U0001f600", "e-1", "'1.10'"]), min_size=1, max_size=5, unique=True)  # fmt: skip
SHAPES = st.sampled_from(["block", "flow", "wide", "anchored", "alias", "json"])


@st.composite
def files(draw: st.DrawFn) -> str:
    lines = [f"version: {draw(VERSIONS)}{draw(COMMENTS)}", "types:"]
    names = draw(NAMES)
    for place, name in enumerate(names):
        auto, comment, shape = draw(NUMBERS), draw(COMMENTS), draw(SHAPES)
        match shape:
            case "block":
                lines += [f"  {name}:{comment}", "", f"    auto:   {auto}{comment}", "    review: 0.5"]  # fmt: skip
            case "flow":
                lines += [f"  {name}: {{auto: {auto}, review: 0.5}}{comment}"]
            case "wide":
                lines += [f"  {name}: {{review: 0.5,", f"       auto: {auto}", f"       }}{comment}"]  # fmt: skip
            case "anchored":
                lines += [f"  {name}: &n{place} {{auto: {auto}, review: 0.5}}{comment}"]
            case "alias" if place and any(f"&n{other}" in line for line in lines for other in range(place)):  # fmt: skip
                known = next(other for other in range(place) if any(f"&n{other}" in line for line in lines))  # fmt: skip
                lines += [f"  {name}: *n{known}"]
            case _:
                lines += [f'  {name}: {{"auto": {auto},"review":0.5}}']
    text = draw(st.sampled_from(["\n", "\r\n"])).join(lines) + draw(st.sampled_from(["", "\n", "\r\n"]))  # fmt: skip
    return draw(st.sampled_from(["", "\ufeff", "\ufeff# \U0001f600\n", "---\n"])) + text


@settings(max_examples=400, deadline=None)
@given(files(), st.lists(st.one_of(THRESHOLDS, st.just("never")), min_size=5, max_size=5), st.booleans())  # fmt: skip
def test_whatever_the_layout_one_line_changes_for_each_value_or_none_at_all(
    text: str, wanted: list[float | str], with_version: bool
) -> None:
    before = yaml.load(text, Loader=yaml.CSafeLoader)
    edits = [Edit(("types", str(name), "auto"), value) for name, value in zip(before["types"], wanted, strict=False)]  # fmt: skip
    edits += [Edit(VERSION, "5")] if with_version else []
    try:
        found = edited(text, *edits)
    except DocumentError:
        # Only what is repeated elsewhere is refused.
        assert "*n" in text
        return

    # The oracle is the plain safe loader, with its own resolution of scalars.
    expected = before
    for name, value in zip(list(before["types"]), wanted, strict=False):
        expected["types"][name] = {**expected["types"][name], "auto": value}
    after = yaml.load(found, Loader=yaml.CSafeLoader)
    assert after["types"] == expected["types"]
    if with_version:
        assert str(after["version"]) == "5"
    old, new = text.split("\n"), found.split("\n")
    assert len(old) == len(new)
    changed = [(one, other) for one, other in zip(old, new, strict=True) if one != other]
    assert len(changed) <= len(edits)
    assert all("auto" in one or "version" in one for one, _ in changed)
    assert all(one.endswith("\r") == other.endswith("\r") for one, other in changed)
    comments = [line.partition("#")[2] for line in old]
    assert [line.partition("#")[2] for line in new] == comments


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(max_size=3), JSON, max_size=4), st.booleans(), THRESHOLDS)
def test_in_json_the_one_value_changes_and_it_stays_json(
    around: dict[str, object], is_ascii: bool, value: float
) -> None:
    document = {**around, "types": {"a": {"auto": 0.25, "note": "\U0001f600"}}, "end": around}
    text = json.dumps(document, ensure_ascii=is_ascii)
    try:
        found = edited(text, Edit(AUTO, value))
    except DocumentError as error:
        # What YAML cannot read: control characters as they are, and halves of pairs; and what could be a merge key.
        assert "not valid YAML" in str(error) or "<<" in around  # noqa: PT017
        return

    document["types"] = {"a": {"auto": value, "note": "\U0001f600"}}
    assert json.loads(found) == document
