"""YAML with marks: YAML 1.2 scalars, no duplicate keys, no tags, and the line of every value."""

import re
from dataclasses import dataclass, field
from math import isinf
from pathlib import Path

import yaml

from hitl.document.source import fail
from hitl.errors import DocumentError, Mistake

Path_ = tuple[str | int, ...]
NODE_LIMIT = 2_000_000
EXPANSION_LIMIT = 100
"""Most values that the aliases of a document may stand for, for each value that is written."""
DEPTH_LIMIT = 100

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_DIGITS = 4000
SURROGATES = re.compile(
    r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
)
"""Surrogate pairs in JSON's escapes: four hex digits each, after backslashes that are text."""
_TOO_MUCH = "too many values or nested too deeply (an alias that repeats itself?)"
STR = "tag:yaml.org,2002:str"
_PLAIN_TAGS = frozenset({STR, "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"})


class TextLoader(yaml.CSafeLoader):
    """Reads every scalar as text, so that this module alone decides what a scalar means."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  # the name is PyYAML's


@dataclass(slots=True)
class Tree:
    """A parsed YAML document: its JSON value, and where each part of it stands."""

    value: object = None
    lines: dict[Path_, int] = field(default_factory=dict)
    """1-based line of each value, by path."""
    texts: dict[Path_, str] = field(default_factory=dict)
    """The written text of each plain scalar that was read as a number or boolean."""


def parse_yaml(content: bytes, path: Path) -> Tree:
    """Read one YAML document.

    Raises:
        DocumentError: with every duplicate key and tag, or the first syntax error.
    """
    try:
        text = join_surrogates(content.decode("utf-8-sig"))
        n_written = _check_depth(text, path)
        root = yaml.compose(text, Loader=TextLoader)
    except UnicodeDecodeError as error:
        raise fail(path, f"not UTF-8 text at byte {error.start}; save the file as UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise fail(path, f"not valid YAML: {error.problem or error.context}", line=line) from error
    except yaml.YAMLError as error:
        raise fail(path, f"not valid YAML: {error}") from error
    if root is None:
        raise fail(path, "empty; expected a document that starts with `format: hitl/...`")
    reader = _Reader(path, min(NODE_LIMIT, EXPANSION_LIMIT * n_written))
    reader.tree.value = reader.read(root, ())
    if reader.mistakes:
        raise DocumentError(reader.mistakes)
    return reader.tree


def join_surrogates(text: str) -> str:
    """Write the surrogate pairs of JSON's escapes as YAML's one escape: every JSON file is a YAML file then."""
    return SURROGATES.sub(_joined, text) if "\\ud" in text.lower() else text


def _joined(match: re.Match[str]) -> str:
    before, high, low = match.groups()
    code = 0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00
    return f"{before}\\U{code:08X}"


def _check_depth(text: str, path: Path) -> int:
    """Refuse deep nesting before libyaml's composer recurses into it and overflows the C stack.

    Returns how many events the document has, which is at least the number of values written.
    """
    depth = n_events = 0
    for event in yaml.parse(text, Loader=TextLoader):
        n_events += 1
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_LIMIT:
                raise fail(path, _TOO_MUCH, line=_line(event))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return n_events


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def resolve_scalar(text: str) -> object:
    """Return what a plain scalar means by the YAML 1.2 core schema, less octal and hex numbers.

    A number with a leading zero, `yes`, `no`, `on`, a date and a time stay text.
    """
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if len(text) < _DIGITS and _INT.match(text):
        return int(text)
    if len(text) < _DIGITS and _FLOAT.match(text):
        return float(text)
    return text


class _Reader:
    def __init__(self, path: Path, limit: int) -> None:
        self.path = path
        self.limit = limit
        self.tree = Tree()
        self.mistakes: list[Mistake] = []
        self.count = 0

    def read(self, node: yaml.Node, at: Path_) -> object:
        line = node.start_mark.line + 1
        self.count += 1
        if self.count > self.limit or len(at) > DEPTH_LIMIT:
            raise fail(self.path, _TOO_MUCH, line=line)
        self.tree.lines[at] = line
        if node.tag not in _PLAIN_TAGS:
            self._complain(line, at, f"tag {node.tag!r} is not allowed; write the plain value")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, at)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(child, (*at, index)) for index, child in enumerate(node.value)]
        return self._scalar(node, at)

    def _mapping(self, node: yaml.MappingNode, at: Path_) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, child in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self._complain(line, at, "a key is a list or mapping; expected plain text")
            elif key.value in found:
                first = self.tree.lines[(*at, key.value)]
                self._complain(
                    line,
                    (*at, key.value),
                    f"the key stands twice (first on line {first}); keep one",
                )
            else:
                found[key.value] = self.read(child, (*at, key.value))
        return found

    def _scalar(self, node: yaml.Node, at: Path_) -> object:
        text = str(node.value)
        if getattr(node, "style", None):
            return text  # quoted, so meant as text
        value = resolve_scalar(text)
        if isinstance(value, float) and isinf(value):
            self._complain(node.start_mark.line + 1, at, f"the number {text[:20]} is too large")
        if value is not None and not isinstance(value, str):
            self.tree.texts[at] = text
        return value

    def _complain(self, line: int, at: Path_, problem: str) -> None:
        self.mistakes.append(Mistake(str(self.path), line, field_name(at), problem))


def field_name(at: Path_) -> str:
    """Return a path as people write it: `gate_classes[2].margin`."""
    name = ""
    for part in at:
        name += f"[{part}]" if isinstance(part, int) else f".{part}"
    return name.lstrip(".")
