"""From golden cases to requests: what a model is asked, and nothing of what is expected of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import re2
from jinja2 import Template

from hitl.digest import canonical, digest_bytes
from hitl.document.schema import Json
from hitl.errors import DocumentError, Mistake
from hitl.golden.case import Case
from hitl.golden.load import GoldenSetFiles
from hitl.golden.prompt import compile_prompt, render_prompt
from hitl.run.chat import message_problems, offered_tools, with_text
from hitl.run.model import Message, Request

_TAKEN = ("tools", "tool_results", "system")
"""Keys of a case's context that have a place of their own in a request."""


_VERSION = re2.compile(r"\s*\{#-?\s*version:\s*([\w.+-]{1,40})\s*-?#\}")


@dataclass(frozen=True, slots=True)
class PromptIdentity:
    """The prompt template of a subset, for the record."""

    subset: str
    id: str
    """Name of its file, without the ending."""
    template: str
    """Its path, as the golden set names it."""
    version: str | None
    """What a comment at its start says: `{# version: 3 #}`."""
    sha256: str


def prompt_identity(golden: GoldenSetFiles) -> tuple[PromptIdentity, ...]:
    """Return which template each subset that has one was asked with."""
    return tuple(
        PromptIdentity(
            subset=part.id,
            id=PurePosixPath(part.spec.prompt).stem,
            template=part.spec.prompt,
            version=prompt_version(part.prompt),
            sha256=digest_bytes(part.prompt.encode()),
        )
        for part in golden.subsets
        if part.spec.prompt is not None and part.prompt is not None
    )


def prompt_version(template: str) -> str | None:
    """Return the version that a comment at the start of a template states.

    >>> prompt_version("{# version: 3.1 #}Classify this."), prompt_version("Classify this.")
    ('3.1', None)
    """
    found = _VERSION.match(template)
    return found[1] if found else None


def build_requests(golden: GoldenSetFiles) -> dict[str, Request]:
    """Return the request of each case, by case id.

    A template decides the user message alone. Without one it is the input (chat messages stay as they are, an
    object becomes its canonical JSON), then the context, if there is any. Of a context that is an object,
    `tools`, `tool_results` and `system` are offered, replayed and sent as the system message; results of a case
    that offers no tool are evidence like any other.

    Raises:
        DocumentError: every case that cannot be asked, before any call.
    """
    mistakes: list[Mistake] = []
    requests: dict[str, Request] = {}
    place = str(golden.files[0]) if golden.files else golden.spec.id
    for part in golden.subsets:
        template = compile_prompt(part.prompt) if part.prompt is not None else None
        for case in part.cases:
            draft = _draft(template, case)
            where = f"subsets.{part.id}: case {case.id!r}"
            mistakes += [Mistake(place, 0, where, problem) for problem in draft.problems]
            requests[case.id] = draft.request(case)
    if mistakes:
        raise DocumentError(mistakes)
    return requests


@dataclass(slots=True)
class _Draft:
    messages: list[Message] = field(default_factory=list)
    tools: tuple[dict[str, Json], ...] = ()
    tool_results: dict[str, Json] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def request(self, case: Case) -> Request:
        return Request(case.id, tuple(self.messages), self.tools, self.tool_results, case)


def _draft(template: Template | None, case: Case) -> _Draft:
    draft = _Draft()
    context = case.context if isinstance(case.context, dict) else {}
    _take_tools(draft, context)
    if template is not None:
        draft.messages = [{"role": "user", "content": render_prompt(template, case)}]
    else:
        draft.messages = _asked(case)
        draft.problems += message_problems(draft.messages)
        if not draft.problems and (evidence := _evidence(case, draft)):
            draft.messages = with_text(draft.messages, f"Context:\n{evidence}")
    if not draft.problems and not _says_something(draft.messages):
        draft.problems.append(
            "there is nothing to ask; give the case an input, or its subset a prompt"
        )
    draft.messages = [*_system(draft, context), *draft.messages]
    return draft


def _asked(case: Case) -> list[Message]:
    if isinstance(case.input, tuple):
        return [dict(message) for message in case.input]
    text = case.input if isinstance(case.input, str) else canonical(case.input).decode()
    return [{"role": "user", "content": text}]


def _take_tools(draft: _Draft, context: Mapping[str, Json]) -> None:
    draft.tools, problems = offered_tools(context.get("tools"))
    draft.problems += problems
    results = context.get("tool_results")
    if results is not None and not isinstance(results, dict):
        draft.problems.append("context.tool_results: expected an object, tool name to result")
    elif results and context.get("tools"):
        draft.tool_results = results
        draft.problems += [] if problems else list(_never_called(results, draft.tools))


def _never_called(results: Mapping[str, Json], tools: tuple[dict[str, Json], ...]) -> Iterator[str]:
    names = [tool["function"]["name"] for tool in tools]  # type: ignore[index, call-overload]  # shaped by offered_tools
    for name in results:
        if name not in names:
            yield f"context.tool_results: no tool {name!r} is offered; expected one of {', '.join(map(str, names))}"


def _system(draft: _Draft, context: Mapping[str, Json]) -> Iterator[Message]:
    match context.get("system"):
        case None | "":
            return
        case str(text):
            yield {"role": "system", "content": text}
        case _:
            draft.problems.append("context.system: expected the text of the system message")


def _evidence(case: Case, draft: _Draft) -> str:
    context = case.context
    if isinstance(context, dict):
        taken = _TAKEN if draft.tool_results else ("tools", "system")
        context = {name: value for name, value in context.items() if name not in taken}
    if context is None or context in ("", [], {}):
        return ""
    return context if isinstance(context, str) else canonical(context).decode()


def _says_something(messages: list[Message]) -> bool:
    return any(
        message.get("tool_calls") or str(message.get("content") or "").strip()
        for message in messages
    )
