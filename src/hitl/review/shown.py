"""Candidates as reviewers see them: personal data and keys taken out first, then what says whose an output is."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from hitl.decisions.redaction.redact import Redactor
from hitl.document.lines import strict_json
from hitl.document.schema import Json
from hitl.review.candidate import Candidate, Output
from hitl.review.masking import Masker
from hitl.review.visible import visible


@dataclass(frozen=True, slots=True)
class Shown:
    """Candidates as they are shown, and what is not shown of them, inputs and both arms together."""

    candidates: tuple[Candidate, ...]
    n_masked: dict[str, int]
    """Names, vendors, dates and self-references, by kind."""
    n_redacted: dict[str, int]
    """Personal data and keys, by kind."""


def show_candidates(candidates: Iterable[Candidate], masker: Masker, redactor: Redactor) -> Shown:
    """Return candidates with their inputs, contexts, texts and tool calls redacted, then masked.

    Ids, digests, confidence and kinds of action are left as they are: no packet shows them but the confidence.
    """
    curtain = _Curtain(masker, redactor)
    shown = tuple(curtain.candidate(one) for one in candidates)
    return Shown(
        shown, dict(sorted(curtain.masked.items())), dict(sorted(curtain.redacted.items()))
    )


class _Curtain:
    """What stands between texts and reviewers; it counts."""

    def __init__(self, masker: Masker, redactor: Redactor) -> None:
        self._masker, self._redactor = masker, redactor
        self.masked: Counter[str] = Counter()
        self.redacted: Counter[str] = Counter()

    def candidate(self, one: Candidate) -> Candidate:
        return replace(
            one,
            input=self._text(one.input),
            context=self._json(one.context),
            outputs=tuple(self._output(output) for output in one.outputs),
        )

    def _output(self, output: Output) -> Output:
        return replace(
            output, text=self._text(output.text), tool_calls=self._json(output.tool_calls)
        )

    def _json(self, text: str) -> str:
        """Redact JSON value by value, so that a field called a password loses what it holds; other text as text."""
        try:
            value: Json = strict_json(text)  # type: ignore[assignment]  # what is parsed as JSON is JSON
            found = self._redactor.redact_json(value)
            if not found.pieces:
                return self._text(text)
            written = json.dumps(found.value, ensure_ascii=False, indent=2)
        except (ValueError, RecursionError):
            return self._text(text)
        self.redacted.update(found.counts)
        return self._text(written)

    def _text(self, text: str) -> str:
        # What cannot be seen goes first: an address with a blank of no width in it is an address.
        redacted = self._redactor.redact(visible(text))
        masked = self._masker.mask(redacted.text)
        self.redacted.update(redacted.counts)
        self.masked.update(masked.counts)
        return masked.text
