"""From a model of the manifest to one that can be asked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import assert_never

from hitl.document.load import load_document
from hitl.errors import DocumentError, Mistake, UsageError
from hitl.manifest.release import Limits, ModelSpec, Provider, ReleaseManifest
from hitl.run.http.anthropic import AnthropicModel
from hitl.run.http.openai import OpenAIModel
from hitl.run.local.command import CommandModel
from hitl.run.local.function import FunctionModel
from hitl.run.model import Model, Request
from hitl.run.money.price import cap_problems
from hitl.run.script import Script
from hitl.run.scripted import ScriptedModel

CONVENTIONAL = {Provider.ANTHROPIC: "ANTHROPIC_API_KEY"}
"""Where a key is looked for when the manifest names no variable; an OpenAI-compatible endpoint may need none."""

FIELDS = {"previous": "previous_model", "candidate": "candidate_model", "judge": "judge.model"}
"""Where each lane stands in the manifest."""


@dataclass(frozen=True)
class Workplace:
    """What models need of the world around them."""

    folder: Path
    """Folder of the manifest: paths and programs are relative to it."""
    environment: Mapping[str, str]
    limits: Limits
    seed: int
    at: datetime
    """Now: prices have a date."""
    allow_python: bool = False


def build_model(spec: ModelSpec, place: Workplace, *, offers_tools: bool = False) -> Model:
    """Return a model that can be asked.

    Args:
        spec: the model.
        place: the world around it.
        offers_tools: whether any request offers tools, so that a probe looks whether they are honoured.

    Raises:
        UsageError: it is recorded, user code is not allowed, or its settings cannot work.
        DocumentError: its script has a mistake.
    """
    try:
        return _build(spec, place, offers_tools=offers_tools)
    except ValueError as error:
        raise UsageError(f"`{spec.id}`: {error}") from error


def _build(spec: ModelSpec, place: Workplace, *, offers_tools: bool) -> Model:
    limits = place.limits
    match spec.provider:
        case Provider.OPENAI:
            return OpenAIModel(spec, key_of(spec, place.environment), limits.timeout_s, limits.max_turns, limits.concurrency, tools_offered=offers_tools)  # fmt: skip
        case Provider.ANTHROPIC:
            return AnthropicModel(spec, key_of(spec, place.environment), limits.timeout_s, limits.max_turns, limits.concurrency, tools_offered=offers_tools)  # fmt: skip
        case Provider.COMMAND:
            return CommandModel(spec, place.folder, limits.timeout_s, place.environment)
        case Provider.PYTHON:
            if not place.allow_python:
                raise UsageError(f"`{spec.function}` of `{spec.id}` is code of yours; allow it to run with --allow-python")  # fmt: skip
            return FunctionModel(spec, place.folder, limits.timeout_s, place.environment)
        case Provider.SCRIPTED:
            script = load_document(place.folder / str(spec.script), Script)
            return ScriptedModel(script, spec, place.seed)
        case Provider.RECORDED:
            raise UsageError(f"`{spec.id}` is recorded; a recorded arm is not asked again")
        case _:
            assert_never(spec.provider)


def key_of(spec: ModelSpec, environment: Mapping[str, str]) -> str | None:
    """Return the key of a model, from the variable that the manifest names."""
    name = spec.api_key_env or CONVENTIONAL.get(spec.provider)
    return environment.get(name, "").strip() or None if name else None


def missing_keys(
    specs: Mapping[str, ModelSpec], environment: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield (field, problem) for each model whose key is not there."""
    for field, spec in specs.items():
        name = spec.api_key_env or CONVENTIONAL.get(spec.provider)
        if spec.is_live and name and not key_of(spec, environment):
            yield (
                f"{FIELDS.get(field, field)}.api_key_env",
                f"the environment variable {name} is not set; it must hold the key of `{spec.id}`",
            )


def refuse_unusable(
    manifest: ReleaseManifest,
    specs: Mapping[str, ModelSpec],
    place: Workplace,
    path: Path,
    requests: Iterable[Request] = (),
) -> None:
    """Find out before the first call what would stop a run half way.

    Args:
        manifest: the release.
        specs: the models that are asked, by lane.
        place: the world around them.
        path: the manifest's file.
        requests: what the arms are asked; none where only a judge is, whose questions are text.

    Raises:
        DocumentError: keys that are not set, and a cap that cannot be kept.
    """
    problems = [(field, problem) for field, problem in missing_keys(specs, place.environment)]
    problems += cap_problems(manifest, place.at, requests)
    if problems:
        raise DocumentError([Mistake(str(path), 0, *problem) for problem in problems])
