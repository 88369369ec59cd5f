"""Where each value of a YAML file is written: offsets in its text, quotes, anchors and aliases."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from hitl.document.tree import SURROGATES, Path_, TextLoader, join_surrogates

BOM = "\ufeff"
MERGE = "<<"


@dataclass(frozen=True, slots=True)
class Written:
    """One value as it is written."""

    start: int
    """Offset of its first character in the text, a byte order mark counted."""
    end: int
    """Offset behind its last."""
    line: int
    """1-based line of its start."""
    last_line: int
    """1-based line of its end."""
    value: str | None = None
    """Text of a scalar; None for lists, mappings and aliases."""
    style: str | None = None
    """Of a scalar: quotes, `|` or `>`; None if it is plain."""
    anchor: str | None = None
    """Name under which it can be repeated; of an alias, what it repeats."""
    is_alias: bool = False


@dataclass(slots=True)
class Marks:
    """Every value that is written in a document."""

    text: str
    """The file as text, with its byte order mark."""
    values: dict[Path_, Written] = field(default_factory=dict)
    """By path; what lies behind an alias is written elsewhere and not here."""
    used: set[str] = field(default_factory=set)
    """Anchors that an alias repeats."""


def mark_values(content: bytes) -> Marks:
    """Return where everything is written in a file that `parse_yaml` accepts.

    Raises:
        UnicodeDecodeError: not UTF-8 text.
        yaml.YAMLError: not YAML.
    """
    text = content.decode("utf-8")
    marks = Marks(text)
    body = text.removeprefix(BOM)
    events = yaml.parse(join_surrogates(body), Loader=TextLoader)
    _Walk(marks, _Offsets(body, len(text) - len(body)), events).document()
    return marks


class _Offsets:
    """Turns offsets in the text that the parser saw into offsets in the file."""

    def __init__(self, body: str, shift: int) -> None:
        self._shift = shift
        self._ends: list[int] = []
        for count, match in enumerate(SURROGATES.finditer(body), start=1):
            self._ends.append(match.end() - 2 * count)

    def __call__(self, offset: int) -> int:
        # A joined pair is two characters shorter than the two escapes.
        return offset + self._shift + 2 * bisect_right(self._ends, offset)


class _Walk:
    def __init__(self, marks: Marks, offsets: _Offsets, events: Iterator[yaml.Event]) -> None:
        self._marks = marks
        self._offsets = offsets
        self._events = events
        self._texts: dict[str, str] = {}

    def document(self) -> None:
        for event in self._events:
            if isinstance(event, yaml.NodeEvent):
                self._value(event, ())

    def _value(self, event: yaml.Event, at: Path_) -> None:
        self._marks.values[at] = self._written(event)
        if isinstance(event, yaml.MappingStartEvent):
            self._mapping(at)
        elif isinstance(event, yaml.SequenceStartEvent):
            for index, child in enumerate(self._until(yaml.SequenceEndEvent)):
                self._value(child, (*at, index))

    def _mapping(self, at: Path_) -> None:
        for key in self._until(yaml.MappingEndEvent):
            name = self._name(key)
            self._value(next(self._events), (*at, name))

    def _name(self, key: yaml.Event) -> str:
        """Return the text of a key; a key that is no scalar never gets here, because reading refuses it."""
        written = self._written(key)
        if written.is_alias:
            return self._texts.get(written.anchor or "", "")
        return written.value or ""

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        while not isinstance(event := next(self._events), end):
            yield event

    def _written(self, event: yaml.Event) -> Written:
        start: yaml.Mark = event.start_mark  # type: ignore[assignment]  # events that are read have it
        end: yaml.Mark = event.end_mark  # type: ignore[assignment]
        anchor: str | None = getattr(event, "anchor", None)
        value: str | None = getattr(event, "value", None)
        is_alias = isinstance(event, yaml.AliasEvent)
        if is_alias and anchor:
            self._marks.used.add(anchor)
        elif anchor and value is not None:
            self._texts[anchor] = value
        return Written(
            self._offsets(start.index),
            self._offsets(end.index),
            start.line + 1,
            end.line + 1,
            value,
            getattr(event, "style", None) or None,
            anchor,
            is_alias,
        )
