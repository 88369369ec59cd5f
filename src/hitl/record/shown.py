"""Texts that a record quotes, without personal data and keys, counted.

The copies of replies under `evidence/` stay as the files are that they were read from: the verdict
must be recomputable from them.
"""

from collections import Counter

from hitl.decisions.redaction.redact import Redactor
from hitl.record.parts import FailureMode, ReplyView
from hitl.score.failures import ArmReply, FailureModeResult


class Shown:
    """Passes texts into one record and counts what was taken out of them."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._counts: Counter[str] = Counter()

    @property
    def counts(self) -> dict[str, int]:
        """Pieces that were taken out so far, by kind, sorted."""
        return dict(sorted(self._counts.items()))

    def text(self, text: str) -> str:
        """Return a text, redacted whole: cut it afterwards."""
        found = self._redactor.redact(text)
        self._counts.update(found.counts)
        return found.text

    def texts(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        """Return texts, each redacted."""
        return tuple(map(self.text, texts))

    def reply(self, reply: ArmReply) -> ReplyView:
        """Return an arm's reply; its text was redacted before it was cut, so only its rules remain."""
        self._counts.update(reply.redactions)
        view = ReplyView.of(reply)
        return view.model_copy(update={"findings": self.texts(view.findings)})

    def mode(self, mode: FailureModeResult) -> FailureMode:
        """Return a failure mode; it is named after rules and words of replies."""
        part = FailureMode.of(mode)
        return part.model_copy(
            update={
                "name": self.text(part.name),
                "rule": self.text(part.rule),
                "terms": self.texts(part.terms),
            }
        )
