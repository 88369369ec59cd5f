"""Prompt templates: compiled and tried on every case when the set is loaded, so that no call is made with half a prompt."""

from collections.abc import Iterator, Mapping

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from hitl.document.schema import Json
from hitl.golden.case import Case

_ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined,
    autoescape=False,  # a prompt is text for a model, not a page
    keep_trailing_newline=True,
)


def compile_prompt(text: str) -> Template:
    """Compile a template; it runs in a sandbox and may change nothing.

    Raises:
        ValueError: the template is not valid; says where.
    """
    try:
        return _ENVIRONMENT.from_string(text)
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        raise ValueError(
            f"not a valid template{f' (line {line})' if line else ''}: {error}"
        ) from error


def render_prompt(template: Template, case: Case) -> str:
    """Fill a template with a case: `input`, `context`, and the keys of an input that is an object.

    Raises:
        ValueError: the template uses a name that the case does not have, or fails on its values.
    """
    try:
        return template.render(_names(case))
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise ValueError(str(error)) from error


def _names(case: Case) -> Mapping[str, Json]:
    value: Json = case.model_dump(mode="json", include={"input"})["input"]
    keys = value if isinstance(value, dict) else {}
    return {**keys, "input": value, "context": case.context}


def prompt_mistakes(text: str, cases: tuple[Case, ...]) -> Iterator[str]:
    """Yield what is wrong with a template: itself, or each case that it cannot be filled with."""
    try:
        template = compile_prompt(text)
    except ValueError as error:
        yield str(error)
        return
    for case in cases:
        try:
            render_prompt(template, case)
        except ValueError as error:
            yield f"cannot be filled with case {case.id!r}: {error}; the case has {', '.join(_names(case))}"
