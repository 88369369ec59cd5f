"""Everything that a release names, loaded together and checked against each other before anything runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hitl.digest import canonical
from hitl.document.load import load_document
from hitl.errors import DocumentError, Mistake
from hitl.golden.load import GoldenSetFiles, load_golden_set
from hitl.manifest.forecast import FORECAST
from hitl.manifest.release import ReleaseManifest
from hitl.policy.schema import Policy


@dataclass(frozen=True)
class ReleaseInputs:
    """A release with its golden set and policy in hand."""

    path: Path
    manifest: ReleaseManifest
    golden: GoldenSetFiles
    policy: Policy | None

    @property
    def folder(self) -> Path:
        """The folder that every path of the manifest is relative to."""
        return self.path.parent

    @property
    def policy_path(self) -> Path | None:
        """Where the policy stands."""
        return self.folder / self.manifest.policy if self.manifest.policy else None


def load_release(path: Path) -> ReleaseInputs:
    """Read a release manifest and all that it names.

    Raises:
        DocumentError: every mistake in the manifest, the golden set and the policy, and every
            name in one that stands for nothing in another.
    """
    manifest = load_document(path, ReleaseManifest)
    mistakes = [
        Mistake(str(path), 0, field, problem)
        for field, problem in (*inexact(manifest), *unforeseen(manifest))
    ]
    golden = policy = None
    try:
        golden = load_golden_set(path.parent / manifest.golden_set)
    except DocumentError as error:
        mistakes.extend(error.mistakes)
    try:
        policy = Policy.load(path.parent / manifest.policy) if manifest.policy else None
    except DocumentError as error:
        mistakes.extend(error.mistakes)
    if golden is not None:
        mistakes.extend(
            Mistake(str(path), 0, field, problem) for field, problem in ghosts(manifest, golden)
        )
    if mistakes or golden is None:
        raise DocumentError(mistakes)
    return ReleaseInputs(path, manifest, golden, policy)


def inexact(manifest: ReleaseManifest) -> Iterator[tuple[str, str]]:
    """Yield (field, problem) for each part of a manifest that no record can keep exactly."""
    for field, value in manifest.model_dump(mode="json", exclude_unset=True).items():
        try:
            canonical(value)
        except ValueError as error:
            yield field, f"{error}; write integers of 2^53 and more as text"


def unforeseen(manifest: ReleaseManifest) -> Iterator[tuple[str, str]]:
    """Yield (field, problem) for everything that speaks of a forecast without what a forecast is made on."""
    lacking = [name for name in ("baseline", "policy") if getattr(manifest, name) is None]
    if not lacking:
        return
    problem = f"a forecast needs {' and '.join(f'`{name}`' for name in lacking)}, which the release does not name"
    for number, gate in enumerate(manifest.gate_classes):
        if gate.is_forecast:
            yield f"gate_classes[{number}].metric", problem
    if manifest.recalibration is not None and "policy" in lacking:
        yield (
            "recalibration",
            "its thresholds are those of a policy, and the release names none under `policy`",
        )


def ghosts(manifest: ReleaseManifest, golden: GoldenSetFiles) -> list[tuple[str, str]]:
    """Return (field, problem) for each name in the manifest that stands for nothing in the golden set."""
    known = {subset.id for subset in golden.subsets}
    on_traffic = any(gate.is_about_traffic for gate in manifest.gate_classes)
    named = [
        *(
            (f"required_eval_subsets[{i}]", name)
            for i, name in enumerate(manifest.required_eval_subsets)
        ),
        *(
            (f"gate_classes[{i}].subset", gate.subset)
            for i, gate in enumerate(manifest.gate_classes)
            if not gate.is_about_traffic
        ),
        *(
            (f"expected_deltas[{i}].subset", d.subset)
            for i, d in enumerate(manifest.expected_deltas)
            if d.subset
        ),
        *(
            (f"waivers[{i}].subset", waiver.subset)
            for i, waiver in enumerate(manifest.waivers)
            if not (on_traffic and waiver.subset == FORECAST)
        ),
    ]
    expected = ", ".join(sorted(known))
    found = [
        (field, f"no subset {name!r} in the golden set; expected one of {expected}")
        for field, name in named
        if name not in known
    ]
    if on_traffic and FORECAST in known:
        problem = f"names no subset, and the golden set has one called {FORECAST!r}; expected another name for it"
        found.append(("gate_classes", problem))
    if manifest.workflow_id != golden.spec.workflow_id:
        problem = f"{manifest.workflow_id!r} is not the golden set's workflow {golden.spec.workflow_id!r}; use the set of this workflow"
        found.append(("workflow_id", problem))
    return found
