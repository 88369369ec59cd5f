"""The checks of `hitl doctor`."""

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path

from hitl.errors import HitlError


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    is_well: bool
    detail: str
    """What was found, and for a fault, how to mend it."""


def examine(folder: Path) -> tuple[Check, ...]:
    """Look at the installation and at every document of a workspace."""
    return (*_installation(), *_engines(), *_workspace(folder))


def _installation() -> Iterator[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Check("python", sys.version_info >= (3, 11), f"{version}; 3.11 or newer is needed")
    for requirement in metadata.requires("hitl-gate") or []:
        if "extra ==" in requirement:
            continue
        name = re.split(r"[<>=!~;\s\[]", requirement, maxsplit=1)[0]
        try:
            yield Check(name, is_well=True, detail=metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Check(
                name, is_well=False, detail=f"not installed; run: pip install '{requirement}'"
            )


def _engines() -> Iterator[Check]:
    yield _attempt("rules (CEL)", _try_rule)
    yield _attempt("regular expressions (RE2)", _try_regex)
    yield _attempt("temporary files", _try_temporary)


def _workspace(folder: Path) -> Iterator[Check]:
    if not folder.is_dir():
        yield Check(str(folder), is_well=False, detail="no such folder; name the workspace")
        return
    sets = sorted(folder.glob("golden_sets/*/set.yaml"))
    releases = sorted(folder.glob("manifests/*/release*.yaml"))
    if not sets and not releases:
        yield Check(
            "workspace",
            is_well=True,
            detail=f"no golden_sets/ or manifests/ in {folder.resolve().name}; `hitl init` writes them",
        )
    for path in sets:
        yield _attempt(str(path), partial(_try_golden_set, path))
    for path in releases:
        yield _attempt(str(path), partial(_try_release, path))


def _attempt(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, is_well=True, detail=look())
    except (HitlError, ImportError, OSError, ValueError) as error:
        return Check(name, is_well=False, detail=str(error))


def _try_golden_set(path: Path) -> str:
    from hitl.golden.load import load_golden_set

    return f"{load_golden_set(path).n_cases} cases"


def _try_release(path: Path) -> str:
    from hitl.cli.session import suite_of
    from hitl.document.source import check_regular
    from hitl.run.arm import source_file
    from hitl.run.inputs import load_release

    inputs = load_release(path)
    for model in (inputs.manifest.previous_model, inputs.manifest.candidate_model):
        if (source := source_file(model, inputs.folder)) is not None:
            check_regular(source)
    return f"{len(suite_of(inputs).cases)} cases, every check compiles, both arms have their file"


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
