"""Takes out of texts what says which model, or whose, wrote them.

Names stand as `[model]`, vendors as `[vendor]`, the days of a model id and of a model's knowledge as `[date]`, and what
a model says of itself as `[self-reference]`, a provider's ids as `[id]` and the marks of its chat template as
`[marker]`, whichever arm they belong to. Found are the declared names of both models
in whole and in parts, a list of vendors and families, and the usual ways in which models speak of themselves, also
written with look-alike letters, other dashes, signs between or line ends within. Not found: a name in code (base64,
spelt backwards), a paraphrase ("the firm from San Francisco"), other languages than the ones listed, and style,
which `hitl.review.leaks` measures.

All searches are RE2 and take time in proportion to the text. A masked text stays as it is when it is masked again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import re2

from hitl.decisions.redaction.redact_policy import compile_pattern
from hitl.decisions.redaction.span import Span, joined, outside
from hitl.review.folding import fold
from hitl.review.mask_formats import IDS, MARKERS
from hitl.review.mask_names import LEAST_LETTERS, name_forms
from hitl.review.mask_words import (
    CUTOFFS,
    FAMILIES,
    IN_CODE,
    KEPT,
    MAKERS,
    OWN_NAMES,
    PLAIN_FAMILIES,
    SELF,
    VENDORS,
    VERSION,
)
from hitl.review.visible import visible

_PASSES = 8
"""Searches of one text: what was masked may complete what stands beside it."""


class Kind(StrEnum):
    """What is masked."""

    SELF_REFERENCE = "self_reference"
    MODEL = "model"
    VENDOR = "vendor"
    DATE = "date"
    ID = "id"
    MARKER = "marker"


PLACEHOLDERS: Mapping[Kind, str] = {
    Kind.SELF_REFERENCE: "[self-reference]",
    Kind.MODEL: "[model]",
    Kind.VENDOR: "[vendor]",
    Kind.DATE: "[date]",
    Kind.ID: "[id]",
    Kind.MARKER: "[marker]",
}
"""What stands in its place, the same for both arms."""

_IN_PARTS = re2.compile(r"(?:\[vendor\][-/.:@]|\[model\]-){1,8}\[model\]")
"""A name with its vendor or its variant before it: how many parts it has must not tell whose it is."""

_RANKS = {kind.value: rank for rank, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Masked:
    """A text as people see it, without names."""

    text: str
    counts: dict[str, int]
    """Pieces that were masked, by kind; empty if there were none."""


class Masker:
    """Masks the names of two models, and those of vendors and families that are widely known."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        forms = name_forms(names)
        words = {*PLAIN_FAMILIES, *forms.words, "openai", "anthropic", "deepmind"}
        spaced = [_spaced(word) for word in sorted(words) if LEAST_LETTERS <= len(word) <= 20]
        plain = rf"\b(?i:{'|'.join(PLAIN_FAMILIES)})(?:s\b|{VERSION})\b"
        self._searches: list[tuple[Kind, Any, int]] = [
            (Kind.MODEL, _any([f"(?:{form}){VERSION}" for form in forms.models]), 0),
            (Kind.MODEL, _any([plain, *(rf"\b(?:{form}){VERSION}" for form in (*FAMILIES, *spaced))]), 0),
            (Kind.VENDOR, _any([*forms.vendors, *(rf"\b(?:{form})\b" for form in VENDORS)]), 0),
            (Kind.DATE, _any(forms.dates), 0),
            (Kind.MODEL, _any(IN_CODE), len(IN_CODE)),
            (Kind.SELF_REFERENCE, _any(SELF), len(SELF)),
            (Kind.VENDOR, _any(MAKERS), len(MAKERS)),
            (Kind.MODEL, _any(OWN_NAMES), len(OWN_NAMES)),
            (Kind.DATE, _any(CUTOFFS), len(CUTOFFS)),
        ]  # fmt: skip
        self._as_written = [(Kind.ID, _any(IDS)), (Kind.MARKER, _any(MARKERS))]
        self._kept = _any([form for word, form in KEPT.items() if word not in forms.words])

    def mask(self, text: str) -> Masked:
        """Return a text as people see it, without what says who wrote it."""
        text = visible(text)
        counts: Counter[str] = Counter()
        for _ in range(_PASSES):
            spans = self._spans(text)
            if not spans:
                break
            counts.update(span.kind for span in spans)
            text = visible(_replaced(text, spans))
        return Masked(
            str(_IN_PARTS.sub(PLACEHOLDERS[Kind.MODEL], text)), dict(sorted(counts.items()))
        )

    def _spans(self, text: str) -> Sequence[Span]:
        folded = fold(text)
        found = [
            Span(match.start(), match.end(), kind.value)
            for kind, search in self._as_written
            for match in search.finditer(text)
        ]
        for kind, search, n_groups in self._searches:
            for match in search.finditer(folded.text):
                # Of several forms, the one that was found has the only group that took part.
                start, end = max(
                    match.span(group) for group in range(min(1, n_groups), n_groups + 1)
                )
                if start < end:
                    found.append(Span(*folded.span(start, end), kind.value))
        if not found:
            return ()
        kept = [folded.span(*match.span()) for match in self._kept.finditer(folded.text)]
        return joined(outside(_told_apart(found), kept), (), _RANKS.__getitem__)


def _told_apart(found: Sequence[Span]) -> list[Span]:
    """Leave out what lies within the name of a vendor: `Mistral AI` is one, although `Mistral` is a model."""
    vendors = [span for span in found if span.kind == Kind.VENDOR]
    others = [span for span in found if span.kind != Kind.VENDOR]
    return [*vendors, *outside(others, [(span.start, span.end) for span in vendors])]


def _any(forms: Iterable[str]) -> Any:  # noqa: ANN401  # re2 ships no types
    """Compile a search for the first of some forms; without any it finds nothing."""
    return compile_pattern("|".join(f"(?:{form})" for form in forms) or r"[^\x{0}-\x{10FFFF}]")


def _spaced(word: str) -> str:
    """Return the pattern of a word whose letters stand apart, such as `G.P.T`."""
    return rf"(?i:{'[ .*|-]'.join(map(re2.escape, word))}\.?)"


def _replaced(text: str, spans: Sequence[Span]) -> str:
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], PLACEHOLDERS[Kind(span.kind)]]
        at = span.end
    return "".join([*parts, text[at:]])
