"""A few calls before a run: who answers, and which parameters are honoured rather than taken and dropped."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from yarl import URL

from hitl.document.schema import Json
from hitl.manifest.release import ModelSpec
from hitl.run.http.failures import RejectedError
from hitl.run.http.foreign_json import Fields, fields, read_json
from hitl.run.http.metadata import identity_behind
from hitl.run.http.wire import Wire
from hitl.run.model import CallError, Completion, Probe
from hitl.run.reply import Finish

_READY = "Reply with the word ready."
_SENTENCE = "Reply with one plain sentence, not JSON, that holds the word ready."
_CALL = "Call the tool report_ready with the word ready."
_TOOL: Fields = {
    "type": "function",
    "function": {
        "name": "report_ready",
        "description": "Reports that the caller is ready.",
        "parameters": {
            "type": "object",
            "properties": {"word": {"type": "string"}},
            "required": ["word"],
        },
    },
}
_TOOL_PARAMS = frozenset({"tools", "tool_choice", "parallel_tool_calls"})
"""Parameters that endpoints refuse in a call without tools."""

_RETRIES = 3
_LONGEST_WAIT_S = 30.0
_FIRST_WAIT_S = 0.5
_COMPLAINT = re.compile(
    r"unsupported|unknown|unrecogni[sz]ed|unexpected|not (be )?(supported|permitted|allowed|known)"
    r"|extra|invalid|deprecated|does not|may only|cannot|must|should",
    re.IGNORECASE,
)

Say = Callable[[str, Fields, Sequence[Fields]], Awaitable[Completion]]
"""Makes one call of one turn: the user's text, all parameters, the offered tools."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The endpoint that is probed."""

    spec: ModelSpec
    base: URL | None
    """Where its metadata may be; None where it has none."""
    wire: Wire
    say: Say
    impossible_temperature: float
    """One that every endpoint refuses that reads it."""
    forced_choice: Json
    """The `tool_choice` under which a model must call a tool."""
    tools_offered: bool


async def probe(subject: Subject) -> Probe:
    """Find out who answers and which parameters are honoured, with two to five small calls.

    Raises:
        CallError: the endpoint cannot be used as the manifest says.
    """
    probing = _Probing(subject)
    await probing.ask_who()
    await probing.ask_metadata()
    await probing.try_temperature()
    await probing.try_tools()
    return probing.result()


class _Probing:
    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._params = dict(subject.spec.params)
        self._first = Completion()
        self._metadata: str | None = None
        self._dropped: list[str] = []
        self._refused: list[str] = []
        self._notes: list[str] = []
        self._tokens = [0, 0]

    async def ask_who(self) -> None:
        """Make the first call, without each parameter that turns out to be refused."""
        while True:
            params = {k: v for k, v in self._params.items() if k not in _TOOL_PARAMS}
            try:
                self._first = await self._said(self._question(), params)
                break
            except RejectedError as error:
                name = _parameter(error, params)
                if name is None:
                    raise
                self._refused.append(name)
                del self._params[name]
        self._read_first()

    async def ask_metadata(self) -> None:
        """Ask the server what stands behind the name, where its answer does not say."""
        subject, answered = self._subject, self._first.resolved_model
        if subject.base is not None and answered in (None, subject.spec.id):
            self._metadata = await identity_behind(subject.wire, subject.base, subject.spec.id)

    async def try_temperature(self) -> None:
        """Send a temperature that cannot be: an endpoint that takes it does not read it."""
        if "temperature" not in self._params:
            return
        params = self._params | {"temperature": self._subject.impossible_temperature}
        params = {k: v for k, v in params.items() if k not in _TOOL_PARAMS}
        try:
            await self._said(self._question(), params)
        except RejectedError:
            return
        except CallError as error:
            self._notes.append(f"could not find out whether temperature is honoured: {error}")
            return
        self._dropped.append("temperature")

    async def try_tools(self) -> None:
        """Offer a tool that must be called: an endpoint whose model calls none drops tools."""
        if not self._subject.tools_offered and not _TOOL_PARAMS & set(self._params):
            return
        params = {k: v for k, v in self._params.items() if k not in ("tools", "response_format")}
        forced = params | {"tool_choice": self._subject.forced_choice}
        try:
            completion = await self._said(_CALL, forced, [_TOOL])
        except RejectedError:
            await self._try_free_choice(params)
        except CallError as error:
            self._notes.append(f"could not find out whether tools are honoured: {error}")
        else:
            if not completion.tool_calls:
                self._dropped.append("tools")

    def result(self) -> Probe:
        """Return what was found."""
        return Probe(
            resolved_model=self._first.resolved_model,
            metadata_identity=self._metadata,
            dropped=tuple(self._dropped),
            refused=tuple(self._refused),
            notes=tuple(dict.fromkeys(self._notes)),
            input_tokens=self._tokens[0],
            output_tokens=self._tokens[1],
        )

    async def _try_free_choice(self, params: Fields) -> None:
        """Some endpoints know tools but no forced choice."""
        free = {k: v for k, v in params.items() if k != "tool_choice"}
        try:
            completion = await self._said(_CALL, free, [_TOOL])
        except RejectedError:
            self._refused.append("tools")
        except CallError as error:
            self._notes.append(f"could not find out whether tools are honoured: {error}")
        else:
            if not completion.tool_calls:
                self._notes.append(
                    "could not find out whether tools are honoured: the endpoint knows no forced "
                    "call, and the model called no tool of its own will"
                )

    def _question(self) -> str:
        """Endpoints refuse to answer in JSON where the question does not hold the word."""
        return _SENTENCE if _wants_json(self._params) else _READY

    def _read_first(self) -> None:
        """See in the first answer whether the form and the log probabilities came that were asked for."""
        first = self._first
        if _wants_json(self._params):
            if first.finish in (Finish.LENGTH, Finish.REFUSAL):
                ended = "cut off" if first.finish is Finish.LENGTH else "a refusal"
                self._notes.append(
                    f"could not find out whether response_format is honoured: the answer was {ended}"
                )
            elif not _is_json(first.text or ""):
                self._dropped.append("response_format")
        if self._params.get("logprobs") is True and first.text and first.confidence is None:
            self._dropped.append("logprobs")

    async def _said(self, text: str, params: Fields, tools: Sequence[Fields] = ()) -> Completion:
        """Make one call, and again while it fails for a reason that passes."""
        for tried in range(_RETRIES):
            try:
                return self._counted(await self._subject.say(text, params, tools))
            except CallError as error:
                wait = error.retry_after_s
                wait = _FIRST_WAIT_S * 2**tried if wait is None else wait
                if not error.is_transient or wait > _LONGEST_WAIT_S:
                    raise
            await asyncio.sleep(wait)
        return self._counted(await self._subject.say(text, params, tools))

    def _counted(self, completion: Completion) -> Completion:
        told = (completion.input_tokens, completion.output_tokens)
        if None in told:
            self._notes.append("answers do not say how many tokens they used")
        self._tokens = [had + (more or 0) for had, more in zip(self._tokens, told, strict=True)]
        return completion


def _wants_json(params: Fields) -> bool:
    kind = fields(params.get("response_format")).get("type")
    return kind in ("json_object", "json_schema")


def _is_json(text: str) -> bool:
    try:
        read_json(text)
    except ValueError:
        return False
    return True


def _parameter(error: RejectedError, params: Fields) -> str | None:
    """Return the parameter that a refusal is about, if it says so."""
    if error.parameter is not None:
        root = re.split(r"[.\[]", error.parameter, maxsplit=1)[0]
        return root if root in params else None
    if not _COMPLAINT.search(error.said):
        return None
    named = (name for name in params if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", error.said))
    return max(named, key=len, default=None)
