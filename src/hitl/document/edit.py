"""Single values of a YAML or JSON file replaced in place: comments, layout and line ends stay as they are."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from hitl.document.mark import MERGE, Marks, Written, mark_values
from hitl.document.source import fail
from hitl.document.tree import (
    STR,
    Path_,
    TextLoader,
    Tree,
    field_name,
    join_surrogates,
    parse_yaml,
    resolve_scalar,
)
from hitl.errors import DocumentError, Mistake

DIGITS = 4
"""Most decimals of a number that is written."""
_PLAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._+-]*[A-Za-z0-9])?\Z")
_QUOTES = frozenset({"'", '"'})
_WORDS = yaml.resolver.Resolver()
"""What plain words mean in YAML 1.1, to which dates, `yes` and 1_000 are no text."""
_NUMERAL = re.compile(r"(0o|0)[0-9]+\Z")
"""Numbers of YAML 1.2 that hitl reads as text."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A new value for one place of a document."""

    at: Path_
    value: str | float
    """Text stays text, and a number is written plain."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """One value, as it is written and as it is to be written."""

    at: Path_
    line: int
    start: int
    end: int
    before: str
    after: str


def edit_scalars(content: bytes, path: Path, edits: Sequence[Edit]) -> bytes:
    """Return a file in which some values are others, and every other byte is the same.

    The result is read again: it holds exactly the named values and nothing else that is new.

    Raises:
        DocumentError: a value cannot be replaced without touching anything else; every such place.
        ValueError: a number with more than four decimals, or one place twice.
    """
    tree = parse_yaml(content, path)
    replaced = replacements(content, path, edits)
    text = content.decode("utf-8")
    for one in sorted(replaced, key=lambda one: one.start, reverse=True):
        text = text[: one.start] + one.after + text[one.end :]
    edited = text.encode("utf-8")
    _prove(tree, edited, path, edits)
    return edited


def replacements(content: bytes, path: Path, edits: Sequence[Edit]) -> tuple[Replaced, ...]:
    """Return what would be written where, in the order of the edits.

    Raises:
        DocumentError: a value cannot be replaced without touching anything else; every such place.
        ValueError: a number with more than four decimals, or one place twice.
    """
    if len({edit.at for edit in edits}) < len(edits):
        raise ValueError("one place is to be two values")
    parse_yaml(content, path)
    marks = mark_values(content)
    is_json = _is_json(marks.text)
    found, mistakes = [], []
    for edit in edits:
        problem, line = _obstacle(marks, edit.at)
        if problem:
            mistakes.append(Mistake(str(path), line, field_name(edit.at), problem))
            continue
        written = marks.values[edit.at]
        before = marks.text[written.start : written.end]
        after = _as_written(edit.value, written, is_json=is_json)
        found.append(Replaced(edit.at, written.line, written.start, written.end, before, after))
    if mistakes:
        raise DocumentError(mistakes)
    return tuple(found)


def number_text(value: float) -> str:
    """Return a number as people write it: the fewest decimals that say it exactly, at most four.

    Raises:
        ValueError: it needs more than four.
    """
    for digits in range(1, DIGITS + 1):
        text = f"{value:.{digits}f}"
        if float(text) == value:
            return text
    raise ValueError(f"{value!r} has more than {DIGITS} decimals")


def _obstacle(marks: Marks, at: Path_) -> tuple[str, int]:
    """Return why a value cannot be replaced alone, and the line; no reason if it can."""
    line = 0
    for size in range(len(at) + 1):
        one = marks.values.get(at[:size])
        if one is None:
            return "is not there; write it by hand, or name a value that is", line
        line = one.line
        if one.is_alias:
            return f"is reached through the alias *{one.anchor}, so a change would change other places too; write it out here by hand", line  # fmt: skip
        if one.anchor is not None and one.anchor in marks.used:
            return f"lies in &{one.anchor}, which is repeated elsewhere, so a change would change other places too; write it out in both places by hand", line  # fmt: skip
        if size < len(at) and (*at[:size], MERGE) in marks.values:
            return f"stands beside a merge key (`{MERGE}`), which is not read; write the fields out by hand", line  # fmt: skip
    return _unfit(marks, marks.values[at]), line


def _unfit(marks: Marks, one: Written) -> str:
    """Return why the text of a value cannot be replaced; empty if it can."""
    if one.value is None:
        return "is a list or mapping; expected a single value"
    if one.style not in {None, *_QUOTES} or one.line != one.last_line:
        return "goes over several lines; write it on one line, plain or in quotes"
    written = marks.text[one.start : one.end]
    if not written:
        return "has no value; write one by hand"
    if one.anchor is not None:
        return f"carries the anchor &{one.anchor}; take it away, because nothing repeats it"
    if _read(written) != one.value:
        return "carries a tag or is written in a way that hitl does not take apart; write the plain value"  # fmt: skip
    return ""


def _read(written: str) -> str | None:
    """Return the text that a scalar stands for; None where it is more than a scalar without a tag."""
    try:
        node = yaml.compose(join_surrogates(written), Loader=TextLoader)
    except yaml.YAMLError:
        return None
    return str(node.value) if isinstance(node, yaml.ScalarNode) and written[0] != "!" else None


def _is_json(text: str) -> bool:
    try:
        json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return False
    return True


def _as_written(value: str | float, old: Written, *, is_json: bool) -> str:
    if not isinstance(value, str):
        return number_text(value)
    if old.style == "'" and "\n" not in value:
        return "'" + value.replace("'", "''") + "'"
    if is_json or old.style or not _PLAIN.match(value) or not _stays(value, old.value or ""):
        return json.dumps(value, ensure_ascii=is_json)
    return value


def _stays(value: str, old: str) -> bool:
    """Say whether other readers see the same in a value without quotes.

    What they take for a number stays one only where a number stood before, and where that number is the whole text:
    the version 1.10 is not 1.1.
    """
    means = resolve_scalar(value)
    if isinstance(means, str):
        tag = _WORDS.resolve(yaml.ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
        return tag == STR and not _NUMERAL.match(value)
    was_text = isinstance(resolve_scalar(old), str)
    return not was_text and isinstance(means, int | float) and str(means) == value


def _prove(before: Tree, edited: bytes, path: Path, edits: Sequence[Edit]) -> None:
    """Read the result again and compare.

    Raises:
        DocumentError: it differs from the original anywhere else, or not as it should.
    """
    after = parse_yaml(edited, path)
    wanted = {edit.at: edit.value for edit in edits}
    expected, found = _leaves(before.value, ()), _leaves(after.value, ())
    for at, value in wanted.items():
        said = found.get(at)
        if isinstance(value, str) and at in after.texts:
            said = after.texts[at]
        if not _same(said, value):
            raise fail(path, f"cannot be written as {value!r} here; write it by hand", line=before.lines.get(at, 0), field=field_name(at))  # fmt: skip
    others = [at for at in {*expected, *found} if at not in wanted]
    texts = _without(before.texts, wanted) == _without(after.texts, wanted)
    if any(not _same(expected.get(at, ...), found.get(at, ...)) for at in others) or not texts or before.lines != after.lines:  # fmt: skip
        raise fail(path, "the change would change more than the named values; write it by hand")


def _without(texts: Mapping[Path_, str], wanted: Mapping[Path_, object]) -> dict[Path_, str]:
    return {at: text for at, text in texts.items() if at not in wanted}


def _same(one: object, other: object) -> bool:
    """Say whether two values are the same and of the same kind; a whole number is the float that it equals."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


def _leaves(value: object, at: Path_) -> dict[Path_, object]:
    """Return every scalar by its path; an empty list or mapping counts as one."""
    if isinstance(value, dict) and value:
        parts: list[tuple[str | int, object]] = list(value.items())
    elif isinstance(value, list) and value:
        parts = list(enumerate(value))
    else:
        return {at: value}
    found: dict[Path_, object] = {}
    for name, child in parts:
        found |= _leaves(child, (*at, name))
    return found
