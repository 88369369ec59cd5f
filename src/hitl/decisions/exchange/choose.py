"""Which values of a record become which columns: what the mapping names, else what the shape has."""

from collections import Counter
from collections.abc import Iterable, Mapping

from hitl.decisions.exchange.look import look_first
from hitl.decisions.exchange.names import OF_PEOPLE, column_of
from hitl.decisions.exchange.shape import Judgement, Proposal, Tree
from hitl.decisions.mapping import LogColumns
from hitl.decisions.redaction.redact import Redactor
from hitl.errors import DocumentError, Mistake

SCORE = "score."
"""Begins the path of a score, feedback, assessment or annotation: `score.NAME`."""
_LONGEST = 1100
"""Characters kept of a text: more than a column may hold, so that it is refused and not cut."""


class Chooser:
    """Applies a mapping's `columns` and `only`, and remembers which of them found anything."""

    def __init__(self, mapping: LogColumns) -> None:
        self._mapping = mapping
        self._scores = {name: path.removeprefix(SCORE) for name, path in mapping.columns.items() if path.startswith(SCORE)}  # fmt: skip
        self._paths = {name: path for name, path in mapping.columns.items() if name not in self._scores}  # fmt: skip
        self._hits: Counter[str] = Counter()
        self._fields: tuple[str, ...] = ()
        self._names: dict[str, None] = {}

    def counts(self, roots: tuple[Tree, ...]) -> bool:
        """Say whether the mapping's `only` lets a decision count."""
        for path, words in self._mapping.only.items():
            value = look_first(roots, path)
            self._hits[path] += value is not None
            if _word(value) not in words:
                return False
        return True

    def of_proposal(self, proposal: Proposal) -> dict[str, object]:
        """Return the columns of a decision, as they were found."""
        values = dict(proposal.values)
        if not self._fields:
            self._fields = _field_names(proposal.roots)
        for name in self._mapping.columns:
            values.pop(name, None)
        values |= self._at_paths(proposal.roots)
        return {name: _plain(value) for name, value in values.items() if value is not None}

    def of_judgement(self, judgement: Judgement) -> dict[str, object]:
        """Return the columns that a judgement fills, as they were found; empty if nothing reads it."""
        if judgement.name:
            found = self._of_score(judgement)
        else:
            found = {**judgement.values, **self._at_paths(judgement.roots)}
        if not judgement.is_of_person:
            found = {name: value for name, value in found.items() if name not in OF_PEOPLE}
        return {name: _plain(value) for name, value in found.items() if value is not None}

    def _of_score(self, judgement: Judgement) -> dict[str, object]:
        self._names.setdefault(judgement.name[:100])
        columns = [name for name, score in self._scores.items() if score == judgement.name]
        for column in columns:
            self._hits[self._mapping.columns[column]] += 1
        standard = column_of(judgement.name)
        if not columns and standard and standard not in self._mapping.columns:
            columns = [standard]
        found: dict[str, object] = dict.fromkeys(columns, judgement.value)
        return {**judgement.values, **found} if "human_action" in found else found

    def _at_paths(self, roots: tuple[Tree, ...]) -> dict[str, object]:
        found: dict[str, object] = {}
        for name, path in self._paths.items():
            if (value := look_first(roots, path)) is not None:
                self._hits[path] += 1
                found[name] = value
        return found

    def check(self, source: str) -> None:
        """Refuse a mapping that names what no record has.

        Raises:
            DocumentError: each such name.
        """
        there, scores = (_listed(names) for names in (self._fields[:30], list(self._names)[:20]))
        named = {f"columns.{name}": path for name, path in self._mapping.columns.items()}
        named |= {f"only.{path}": path for path in self._mapping.only}
        mistakes = [
            Mistake(source, 0, field, f"no record has {path!r}; " + (f"scores: {scores}" if path.startswith(SCORE) else f"fields of the first decision: {there}"))
            for field, path in named.items()
            if not self._hits[path]
        ]  # fmt: skip
        if mistakes:
            raise DocumentError(mistakes)


def _listed(names: Iterable[str]) -> str:
    """A field may be called by an address."""
    redactor = Redactor()
    return ", ".join(redactor.redact(name).text for name in names) or "none"


def _word(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _plain(value: object) -> object:
    """What cannot be a value of a row keeps its kind only, so that it is refused with its place."""
    if isinstance(value, str):
        return value[:_LONGEST]
    return value if isinstance(value, bool | int | float) else []


def _field_names(roots: tuple[Tree, ...]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for root in roots:
        for name, value in root.items():
            inner = value if isinstance(value, Mapping) else {}
            names |= dict.fromkeys(f"{name}.{one}" for one in inner) or {name: None}
    return tuple(names)
