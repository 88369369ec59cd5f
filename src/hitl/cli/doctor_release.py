"""What `hitl doctor` looks at in a release whose models are asked; nothing is asked, and no network is touched."""

import os
import shlex
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import TYPE_CHECKING, assert_never

from hitl.errors import HitlError

if TYPE_CHECKING:
    from hitl.manifest.release import JudgeSpec, ModelSpec
    from hitl.run.inputs import ReleaseInputs
    from hitl.score.judge.certificate import JudgeCertificate
    from hitl.score.suite import Suite


class Level(StrEnum):
    """How much something that was found matters."""

    OK = "ok"
    NOTE = "note"
    """To know; there is nothing to mend."""
    WARNING = "warning"
    """The release cannot be asked from here, or not safely; other work can go on."""
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The world that a release would be asked from."""

    environment: Mapping[str, str]
    at: datetime


Found = tuple[Level, str]
"""What was found and how to mend it."""


def release_findings(
    inputs: "ReleaseInputs", suite: "Suite", around: Surroundings
) -> Iterator[Found]:
    """Yield what would keep a release from being asked, or its judge from having a say."""
    from hitl.score.judge.work import judged_positions

    judge, is_judged = inputs.manifest.judge, bool(judged_positions(suite))
    models = {
        "previous_model": inputs.manifest.previous_model,
        "candidate_model": inputs.manifest.candidate_model,
    }
    if judge is not None and is_judged:
        models["judge.model"] = judge.model
    for field, model in models.items():
        for level, problem in _model_findings(model, inputs, around):
            yield level, f"{field}: {problem}"
    yield from _expectations(inputs)
    yield from _forecast(inputs)
    yield from _review(inputs, suite)
    if judge is not None:
        yield from _judge_findings(judge, inputs, suite, around)
    elif is_judged:
        yield (
            Level.WARNING,
            "its golden set has judge rules, and without a judge no reply that needs them is measured; name a model under `judge`",
        )


def _model_findings(
    model: "ModelSpec", inputs: "ReleaseInputs", around: Surroundings
) -> Iterator[Found]:
    from hitl.manifest.release import Provider
    from hitl.run.build import CONVENTIONAL, key_of

    if not model.is_live:
        return
    key = model.api_key_env or CONVENTIONAL.get(model.provider)
    if key and not key_of(model, around.environment):
        yield (
            Level.WARNING,
            f"the environment variable {key} is not set, so `{model.id}` cannot be asked; run: export {key}=...",
        )
    match model.provider:
        case Provider.OPENAI | Provider.ANTHROPIC:
            yield from _address(model, key)
        case Provider.COMMAND:
            yield from _program(model, inputs, around)
        case Provider.PYTHON:
            yield (
                Level.NOTE,
                f"`{model.function}` is code of yours; it runs only with --allow-python",
            )
        case _:
            pass


def _address(model: "ModelSpec", key: str | None) -> Iterator[Found]:
    from hitl.run.http.endpoint import base_of

    if model.base_url is None:
        return  # the provider's own address, which is https
    try:
        base = base_of(model, model.base_url)
    except ValueError as error:
        yield Level.FAULT, str(error)
        return
    if key and base.scheme == "http" and not is_loopback(base.host or ""):
        yield (
            Level.WARNING,
            f"the key in {key} travels in the clear to {base.host}: anybody on the way can read it; use https in `base_url`",
        )


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine by its name alone; no name is looked up.

    >>> is_loopback("localhost"), is_loopback("127.0.0.9"), is_loopback("::1"), is_loopback("10.0.0.1")
    (True, True, True, False)
    """
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _program(model: "ModelSpec", inputs: "ReleaseInputs", around: Surroundings) -> Iterator[Found]:
    name = (model.command or ("",))[0]
    if "/" not in name:
        if not shutil.which(name, path=around.environment.get("PATH")):
            yield Level.FAULT, f"no program `{name}` is on PATH; install it, or correct `command`"
        return
    path = inputs.folder / name
    if not path.is_file():
        yield (
            Level.FAULT,
            f"no program {path}; correct `command`, which is relative to the manifest's folder",
        )
    elif not os.access(path, os.X_OK):
        yield Level.FAULT, f"{path} cannot be executed; run: chmod +x {shlex.quote(str(path))}"


def _forecast(inputs: "ReleaseInputs") -> Iterator[Found]:
    """Look for what the forecast needs; the log is not opened."""
    from hitl.cli.foreseeing import recalibration_of, unfound
    from hitl.gate.plan_forecast import forecast_plan

    manifest = inputs.manifest
    if manifest.baseline is None:
        return
    problems = [str(mistake) for mistake in unfound(inputs)]
    try:
        recalibration_of(inputs)
    except HitlError as error:
        problems.append(str(error))
    for problem in problems:
        yield Level.FAULT, f"forecast: {problem}"
    if not problems:
        yield Level.NOTE, forecast_plan(manifest)


def _review(inputs: "ReleaseInputs", suite: "Suite") -> Iterator[Found]:
    """Look for the people whose approval is asked for; the key of their review is not opened."""
    from hitl.cli.review_outlook import ReviewState, review_outlook

    found = review_outlook(inputs, suite)
    match found.state:
        case ReviewState.NOT_NEEDED:
            return
        case ReviewState.UNREADABLE:
            level = Level.FAULT
        case ReviewState.UNNAMED | ReviewState.UNDER_WAY | ReviewState.PARTIAL:
            level = Level.WARNING
        case ReviewState.CLOSED:
            level = Level.NOTE
        case _:
            assert_never(found.state)
    yield level, f"review: {found.said}"


def _expectations(inputs: "ReleaseInputs") -> Iterator[Found]:
    from hitl.golden.expectation import PythonRule

    functions = {
        rule.python
        for part in inputs.golden.subsets
        for case in part.cases
        for rule in part.expectations(case)
        if isinstance(rule, PythonRule)
    }
    if functions:
        yield (
            Level.NOTE,
            f"its checks call code of yours ({', '.join(sorted(functions)[:5])}), which runs only with --allow-python",
        )


def _judge_findings(
    judge: "JudgeSpec", inputs: "ReleaseInputs", suite: "Suite", around: Surroundings
) -> Iterator[Found]:
    """Look at every certificate; whether they give authority is asked only where each can be read and counts."""
    if judge.labels and not (inputs.folder / judge.labels).is_file():
        yield (
            Level.FAULT,
            f"judge.labels: no file {inputs.folder / judge.labels}; write it, or leave `labels` out",
        )
    certificates = []
    problems: list[Found] = []
    for name in judge.certificates:
        found = _certificate(inputs, name)
        if isinstance(found, str):
            problems.append((Level.FAULT, f"judge.certificates: {found}"))
            continue
        certificates.append(found)
        if found.valid_until <= around.at:
            problems.append((Level.WARNING, _expired(name, found)))
    yield from problems or _without_authority(inputs, suite, certificates, around)


def _certificate(inputs: "ReleaseInputs", name: str) -> "JudgeCertificate | str":
    from hitl.document.load import load_document
    from hitl.score.judge.certificate import JudgeCertificate

    try:
        return load_document(inputs.folder / name, JudgeCertificate)
    except (HitlError, OSError) as error:
        return str(error)


def _expired(name: str, certificate: "JudgeCertificate") -> str:
    return (
        f"judge.certificates: {name} ended on {certificate.valid_until:%Y-%m-%d}, and `{certificate.rubric}` has no authority by it; "
        "check the judge again with `hitl golden judge-check`"
    )


def _without_authority(
    inputs: "ReleaseInputs",
    suite: "Suite",
    certificates: "list[JudgeCertificate]",
    around: Surroundings,
) -> Iterator[Found]:
    from hitl.score.judge.authority import judge_authorities

    held = judge_authorities(suite, inputs.manifest, certificates, around.at, folder=inputs.folder)
    for (subset, question), authority in held.items():
        if not authority.counts:
            yield (
                Level.WARNING,
                f"judge: `{question.rubric}` has no authority in {subset}: {authority.problems[0]}",
            )
