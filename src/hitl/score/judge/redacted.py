"""What of a case and of a reply leaves for a judge: their texts without personal data and keys."""

from dataclasses import dataclass

from hitl.decisions.redaction.redact import Redactor
from hitl.golden.case import Case
from hitl.run.reply import Reply
from hitl.score.judge.prompt import case_text, reply_text
from hitl.score.stored import take_out


@dataclass(frozen=True, slots=True)
class CleanText:
    """A text that may be sent."""

    text: str
    n_pieces: int
    """Pieces that were taken out of it now; those taken out before it was stored are not among them."""


def clean_case(redactor: Redactor, case: Case, prompt: str | None) -> CleanText:
    """Return what a judge reads of a case."""
    found = redactor.redact(case_text(case, prompt))
    return CleanText(found.text, len(found.pieces))


def clean_reply(redactor: Redactor, reply: Reply) -> CleanText:
    """Return what a judge reads of a reply.

    Field by field first, because the name of a field tells a secret; then as a whole, because a judge
    reads the fields side by side.
    """
    kept, pieces = take_out(redactor, reply)
    found = redactor.redact(reply_text(kept))
    return CleanText(found.text, len(pieces) + len(found.pieces))
