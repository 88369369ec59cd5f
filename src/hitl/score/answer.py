"""One reply with what its checks share, each worked out at most once and only when asked for."""

from functools import cached_property

from hitl.golden.case import Case
from hitl.golden.expectation import ParseTier
from hitl.run.reply import Reply, ToolCall
from hitl.score.judged import JudgedView
from hitl.score.outcome import OutcomeReading, detect_outcome
from hitl.score.parse import NO_JSON, JsonReading, read_json
from hitl.score.rated import RatedView

LONGEST_BLANK = 1000
"""Characters that are looked at for one that can be seen."""

_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that draw nothing."""


def _is_seen(character: str) -> bool:
    return character.isprintable() and not character.isspace() and character not in _BLANKS


class Answer:
    """A reply as its checks see it."""

    def __init__(
        self,
        reply: Reply,
        case: Case,
        judged: JudgedView | None = None,
        rated: RatedView | None = None,
    ) -> None:
        self.reply = reply
        self.case = case
        self.judged = judged
        """What judges found; nothing in the reply itself can stand for it."""
        self.rated = rated
        """What people found; nothing in the reply itself can stand for it either."""
        self.asked_judge = False
        """Whether a judge was asked about the reply and a check looked its answer up."""
        self.asked_people = False
        """Whether people's ratings passed or failed the reply."""
        self.asked_json = False
        """Whether any check asked for JSON, so that the reading's tier counts."""
        self.asked_outcome = False
        """Whether any check asked for the outcome class."""

    @cached_property
    def text(self) -> str:
        """The reply's text without the white space at its ends; empty if nothing in it can be seen."""
        text = (self.reply.text or "").strip()
        return text if any(map(_is_seen, text[:LONGEST_BLANK])) or len(text) > LONGEST_BLANK else ""

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The tools that the reply wants called."""
        return self.reply.tool_calls or ()

    @property
    def only_graded(self) -> bool:
        """Whether the reply carries labels and nothing that a rule on its content could look at."""
        return self.reply.text is None and self.reply.tool_calls is None

    @cached_property
    def reading(self) -> JsonReading:
        """The text read as JSON."""
        return read_json(self.text) if self.text else NO_JSON

    @cached_property
    def outcome(self) -> OutcomeReading:
        """The outcome class; the text is read as JSON only if it could be an object or a list."""
        self.asked_outcome = True
        return detect_outcome(
            self.reply, self.reading if self.text[:1] in ("{", "[", "`", "~") else NO_JSON
        )

    def json_within(self, limit: ParseTier) -> JsonReading | None:
        """Return the JSON of the reply if it was found within a limit."""
        self.asked_json = True
        return self.reading if self.reading.within(limit) else None

    @cached_property
    def reply_map(self) -> dict[str, object]:
        """The reply as plain JSON, every field named."""
        return self.reply.model_dump(mode="json")

    @cached_property
    def case_map(self) -> dict[str, object]:
        """The case as plain JSON, every field named, without its expectations."""
        return self.case.model_dump(mode="json", exclude={"expect"})
