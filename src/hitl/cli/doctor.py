"""The checks of `hitl doctor`."""

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.doctor_release import Level, Surroundings, release_findings
from hitl.errors import HitlError

if TYPE_CHECKING:
    from hitl.document.schema import Json
    from hitl.run.inputs import ReleaseInputs
    from hitl.score.suite import Suite

_BROKEN = (HitlError, ImportError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    level: Level
    detail: str
    """What was found, and unless it is well, how to mend it."""

    @property
    def is_well(self) -> bool:
        """Whether nothing is broken here; a warning is no fault."""
        return self.level is not Level.FAULT

    def said(self) -> "dict[str, Json]":
        """Return the check as JSON."""
        return {
            "name": self.name,
            "is_well": self.is_well,
            "level": self.level.value,
            "detail": self.detail,
        }


def examine(folder: Path, around: Surroundings) -> tuple[Check, ...]:
    """Look at the installation and at every document of a workspace."""
    return (*_installation(), *_engines(), *_workspace(folder, around))


def _installation() -> Iterator[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Check(
        "python",
        Level.OK if sys.version_info >= (3, 11) else Level.FAULT,
        f"{version}; 3.11 or newer is needed",
    )
    for requirement in metadata.requires("hitl-gate") or []:
        if "extra ==" in requirement:
            continue
        name = re.split(r"[<>=!~;\s\[]", requirement, maxsplit=1)[0]
        try:
            yield Check(name, Level.OK, metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Check(name, Level.FAULT, f"not installed; run: pip install '{requirement}'")


def _engines() -> Iterator[Check]:
    yield _attempt("rules (CEL)", _try_rule)
    yield _attempt("regular expressions (RE2)", _try_regex)
    yield _attempt("temporary files", _try_temporary)


def _workspace(folder: Path, around: Surroundings) -> Iterator[Check]:
    if not folder.is_dir():
        yield Check(str(folder), Level.FAULT, "no such folder; name the workspace")
        return
    sets = sorted(folder.glob("golden_sets/*/set.yaml"))
    releases = sorted(folder.glob("manifests/*/release*.yaml"))
    if not sets and not releases:
        yield Check(
            "workspace",
            Level.OK,
            f"no golden_sets/ or manifests/ in {folder.resolve().name}; `hitl init` writes them",
        )
    for path in sets:
        yield _attempt(str(path), partial(_try_golden_set, path))
    for path in releases:
        yield from _release(path, around)


def _attempt(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, Level.OK, look())
    except _BROKEN as error:
        return Check(name, Level.FAULT, str(error))


def _try_golden_set(path: Path) -> str:
    from hitl.golden.load import load_golden_set

    return f"{load_golden_set(path).n_cases} cases"


def _release(path: Path, around: Surroundings) -> Iterator[Check]:
    """Look at one release; what it would be asked with only where it can be loaded."""
    from hitl.run.inputs import load_release

    try:
        inputs = load_release(path)
        suite = _compiled(inputs)
    except _BROKEN as error:
        yield Check(str(path), Level.FAULT, str(error))
        return
    yield Check(
        str(path), Level.OK, f"{len(suite.cases)} cases, every check compiles, {_arms(inputs)}"
    )
    for level, detail in release_findings(inputs, suite, around):
        yield Check(str(path), level, detail)


def _compiled(inputs: "ReleaseInputs") -> "Suite":
    """Compile every check of a release, and find the files that its models answer from."""
    from hitl.cli.session import suite_of
    from hitl.document.source import check_regular
    from hitl.run.arm import source_file

    manifest = inputs.manifest
    models = [manifest.previous_model, manifest.candidate_model]
    models += [manifest.judge.model] if manifest.judge else []
    for model in models:
        if (source := source_file(model, inputs.folder)) is not None:
            check_regular(source)
    return suite_of(inputs)


def _arms(inputs: "ReleaseInputs") -> str:
    previous, candidate = inputs.manifest.previous_model, inputs.manifest.candidate_model
    if previous.is_live and candidate.is_live:
        return "both arms are to be asked"
    if not previous.is_live and not candidate.is_live:
        return "both arms have their file"
    file, asked = ("candidate", "previous") if previous.is_live else ("previous", "candidate")
    return f"the {file} arm has its file, the {asked} arm is to be asked"


def _try_rule() -> str:
    from hitl.rule import compile_rule

    if not compile_rule("reply.size() > 1", ["reply"]).holds({"reply": "ok"}).holds:
        raise ValueError("a rule that holds was refused; reinstall cel-expr-python")
    return "evaluates"


def _try_regex() -> str:
    import re2

    if re2.search("^(a+)+$", "a" * 5000 + "b"):
        raise ValueError("a pattern matched that does not; reinstall google-re2")
    return "linear time"


def _try_temporary() -> str:
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"ok")
    return "can be written"
