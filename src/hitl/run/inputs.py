"""Everything that a release names, loaded together and checked against each other before anything runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hitl.digest import canonical
from hitl.document.load import load_document
from hitl.errors import DocumentError, Mistake
from hitl.golden.load import GoldenSetFiles, load_golden_set
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
    mistakes = [Mistake(str(path), 0, field, problem) for field, problem in inexact(manifest)]
    golden = policy = None
    try:
        golden = load_golden_set(path.parent / manifest.golden_set)
    except DocumentError as error:
        mistakes.extend(error.mistakes)
    try:
        policy = load_document(path.parent / manifest.policy, Policy) if manifest.policy else None
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


def ghosts(manifest: ReleaseManifest, golden: GoldenSetFiles) -> list[tuple[str, str]]:
    """Return (field, problem) for each name in the manifest that stands for nothing in the golden set."""
    known = {subset.id for subset in golden.subsets}
    named = [
        *(
            (f"required_eval_subsets[{i}]", name)
            for i, name in enumerate(manifest.required_eval_subsets)
        ),
        *(
            (f"gate_classes[{i}].subset", gate.subset)
            for i, gate in enumerate(manifest.gate_classes)
        ),
        *(
            (f"expected_deltas[{i}].subset", d.subset)
            for i, d in enumerate(manifest.expected_deltas)
            if d.subset
        ),
        *((f"waivers[{i}].subset", waiver.subset) for i, waiver in enumerate(manifest.waivers)),
    ]
    expected = ", ".join(sorted(known))
    found = [
        (field, f"no subset {name!r} in the golden set; expected one of {expected}")
        for field, name in named
        if name not in known
    ]
    if manifest.workflow_id != golden.spec.workflow_id:
        problem = f"{manifest.workflow_id!r} is not the golden set's workflow {golden.spec.workflow_id!r}; use the set of this workflow"
        found.append(("workflow_id", problem))
    return found
