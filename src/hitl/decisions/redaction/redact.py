"""Takes personal data and keys out of text before it is stored or shown.

What is looked for is what a policy names: built-in kinds, patterns and words of its own. Each piece becomes
`[kind]`, which holds no quote, so that JSON stays JSON. It finds what has the usual form and no more:
a name, an address, or a number written in words stays where it is.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import re2

from hitl.decisions.redaction.flat import escapes, flatten, hide_escapes
from hitl.decisions.redaction.patterns import (
    HINTS,
    HINTS_IP,
    RedactKind,
    finder,
    is_key_value,
    is_secret_name,
)
from hitl.decisions.redaction.redact_policy import RedactPolicy, compile_pattern
from hitl.decisions.redaction.span import Span, joined, outside
from hitl.digest import digest
from hitl.document.lines import strict_json
from hitl.document.schema import Json
from hitl.rule import clean_text

_PASSES = 8
"""Searches of one text: what was taken out may lay open what stood beside it."""
_WORD = "word"
_PRIORITY = (*(kind.value for kind in (RedactKind.KEY, RedactKind.EMAIL, RedactKind.IBAN)),
             *(kind.value for kind in (RedactKind.CARD, RedactKind.PHONE, RedactKind.IP_ADDRESS)))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without what was found in it."""

    text: str
    pieces: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """(kind, text) of what was taken out; to be dropped as soon as all that quotes it is clean."""

    @property
    def counts(self) -> dict[str, int]:
        """Pieces that were taken out, by kind, sorted; empty if the text is as it was."""
        return count_pieces(self.pieces)


@dataclass(frozen=True, slots=True)
class RedactedJson:
    """A JSON value without what was found in it."""

    value: Json
    pieces: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def counts(self) -> dict[str, int]:
        """Pieces that were taken out, by kind, sorted; empty if the value is as it was."""
        return count_pieces(self.pieces)


def count_pieces(pieces: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Count pieces by kind."""
    return dict(sorted(Counter(kind for kind, _ in pieces).items()))


class Redactor:
    """Finds and takes out what one policy names."""

    def __init__(self, policy: RedactPolicy | None = None) -> None:
        policy = policy or RedactPolicy()
        self._digest = digest(policy.model_dump(mode="json"))
        self._own = [(one.name, compile_pattern(one.matches)) for one in policy.patterns]
        if policy.words:
            words = sorted(set(map(clean_text, policy.words)), key=lambda word: (-len(word), word))
            self._own.append((_WORD, compile_pattern("|".join(map(re2.escape, words)))))
        kinds = sorted(set(policy.builtin), key=lambda kind: _PRIORITY.index(kind.value))
        self._builtin = [(kind.value, finder(kind)) for kind in kinds]
        hints = [HINTS] if set(kinds) - {RedactKind.IP_ADDRESS} else []
        hints += [HINTS_IP] if RedactKind.IP_ADDRESS in kinds else []
        self._hints = compile_pattern("|".join(hints)) if hints else None
        self._finds_cards = RedactKind.CARD in kinds
        self._finds_keys = RedactKind.KEY in kinds
        self._keep = [compile_pattern(pattern) for pattern in policy.keep]
        self._ranks = [name for name, _ in self._own] + [name for name, _ in self._builtin]
        names = dict.fromkeys([*_PRIORITY, *self._ranks, _WORD])
        self._placeholder = compile_pattern(r"\[(?:" + "|".join(map(re2.escape, names)) + r")\]")

    @property
    def digest(self) -> str:
        """SHA-256 of what the policy names; what a built-in kind looks like belongs to the version of hitl."""
        return self._digest

    def redact(self, text: str) -> Redacted:
        """Return a text without what was found in it; strict JSON stays strict JSON.

        Only a pattern of the policy that reaches across quotes or brackets can break JSON:
        taking it out goes first.
        """
        found = self._redact_text(text)
        if not found.pieces or not _is_json(text) or _is_json(found.text):
            return found
        try:
            whole = self.redact_json(_parsed(text))
            written = json.dumps(whole.value, ensure_ascii=False)
        except RecursionError:
            return found
        if self._redact_text(written).pieces:
            return found
        return Redacted(written, whole.pieces)

    def redact_json(self, value: Json) -> RedactedJson:
        """Return a JSON value of the same structure; a number that is taken out becomes text."""
        pieces: list[tuple[str, str]] = []
        clean = self._walk(value, pieces)
        return RedactedJson(clean if pieces else value, tuple(pieces))

    def redact_quote(self, quote: str, pieces: Iterable[tuple[str, str]]) -> str:
        """Return a quotation, perhaps cut at `...`, without what was taken out of the whole.

        Args:
            quote: what quotes the whole, as text or as JSON.
            pieces: what was taken out of the whole.
        """
        for kind, piece in sorted(set(pieces), key=lambda one: (-len(one[1]), one)):
            forms = {piece, json.dumps(piece)[1:-1], json.dumps(piece, ensure_ascii=False)[1:-1]}
            for form in sorted(forms, key=len, reverse=True):
                quote = _without(quote, form, f"[{kind}]")
        return self._redact_text(quote).text

    def _redact_text(self, text: str) -> Redacted:
        pieces: list[tuple[str, str]] = []
        for _ in range(_PASSES):
            spans = self._spans(text)
            if not spans:
                break
            pieces += [(span.kind, text[span.start : span.end]) for span in spans]
            text = _replaced(text, spans)
        return Redacted(text, tuple(pieces))

    def _spans(self, text: str) -> Sequence[Span]:
        """Return what has to go, in order, nothing twice."""
        flat = flatten(text)
        found = []
        if self._hints is not None and self._hints.search(flat):
            hidden = hide_escapes(flat)
            for kind, find in self._builtin:
                found += [Span(start, end, kind) for start, end in find(hidden)]
        if self._own:
            clean = clean_text(text)
            for kind, pattern in self._own:
                found += [
                    Span(match.start(), match.end(), kind) for match in pattern.finditer(clean)
                ]
        if not found:
            return ()
        kept = [match.span() for match in self._placeholder.finditer(flat)]
        spans = joined(outside(found, kept), escapes(text), self._ranks.index)
        return outside(spans, list(self._kept(text))) if self._keep else spans

    def _kept(self, text: str) -> Iterator[tuple[int, int]]:
        for pattern in self._keep:
            for match in pattern.finditer(clean_text(text)):
                yield match.span()

    def _walk(self, value: Json, pieces: list[tuple[str, str]]) -> Json:
        if isinstance(value, str):
            return self._text(value, pieces)
        if isinstance(value, dict):
            return {
                self._text(name, pieces): self._field(name, child, pieces)
                for name, child in value.items()
            }
        if isinstance(value, list):
            return [self._walk(child, pieces) for child in value]
        if value is None or isinstance(value, bool):
            return value
        written = json.dumps(value)
        clean = self._text(written, pieces)
        return value if clean == written else clean

    def _field(self, name: str, value: Json, pieces: list[tuple[str, str]]) -> Json:
        """Take out the value of a field that is called a password or a key, whatever it looks like."""
        if self._finds_keys and is_secret_name(name) and isinstance(value, str | int):
            written = str(value)
            if not isinstance(value, bool) and is_key_value(written):
                pieces.append((RedactKind.KEY.value, written))
                return f"[{RedactKind.KEY.value}]"
        return self._walk(value, pieces)

    def _text(self, text: str, pieces: list[tuple[str, str]]) -> str:
        found = self._redact_text(text)
        pieces += found.pieces
        return found.text


_SHORTEST_END = 3
"""Fewest characters of a cut piece that are taken out: fewer tell nothing."""


def _without(quote: str, form: str, placeholder: str) -> str:
    """Replace a piece, and what a cut left of it on either side of `...`."""
    if len(form) > 1:
        quote = quote.replace(form, placeholder)
    before, dots, after = quote.partition("...")
    if not dots:
        return quote
    reach = range(min(len(form), len(quote)), _SHORTEST_END - 1, -1)
    head = next((n for n in reach if before.endswith(form[:n])), 0)
    tail = next((n for n in reach if after.startswith(form[-n:])), 0)
    before = before[:-head] + placeholder if head else before
    return before + dots + (placeholder + after[tail:] if tail else after)


def _replaced(text: str, spans: Sequence[Span]) -> str:
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], f"[{span.kind}]"]
        at = span.end
    return "".join([*parts, text[at:]])


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in tuple('{["-0123456789tfn'):
        return False
    try:
        _parsed(text)
    except ValueError:
        return False
    return True


def _parsed(text: str) -> Json:
    value: Json = strict_json(text)  # type: ignore[assignment]  # what is parsed as JSON is JSON
    return value
