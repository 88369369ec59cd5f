"""What a recalibration writes: its folder, and with `--write` the policy and its certificates."""

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.output import tell
from hitl.errors import UsageError

if TYPE_CHECKING:
    from hitl.recalibrate.parts import CertificateFile, Recalibration
    from hitl.recalibrate.proposal import Proposal

_BY_HAND = (
    "let this folder be written, or take policy.diff and certificates.json from --out by hand"
)


@dataclass(frozen=True)
class Result:
    """What a recalibration found, what it proposes, and what goes with it."""

    document: "Recalibration"
    proposal: "Proposal"
    certificates: "CertificateFile"
    replay: bytes | None
    calibrator: bytes | None
    calibrator_reason: str


def write_folder(found: Result, out: Path) -> None:
    """Write the proposal and its evidence; what an earlier one left and this one has not is taken away."""
    from hitl.document.write import write_all
    from hitl.recalibrate.proposal import document_bytes
    from hitl.render.recalibration.csv import curve_csv
    from hitl.render.recalibration.page import render_recalibration

    optional = {"policy.diff": found.proposal.diff or None, "replay.json": found.replay}
    for name, content in optional.items():
        if content is None:
            _remove(out / name)
    page = render_recalibration(found.document, _diff_text(found))
    files = {name: content for name, content in optional.items() if content is not None}
    files |= {
        "certificates.json": document_bytes(found.certificates),
        "curve.csv": curve_csv(found.document),
        "index.html": page.encode(),
        "recalibration.json": document_bytes(found.document),
    }
    write_all(out, files)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path}: of an earlier recalibration, cannot be removed ({error.strerror}); choose another folder with --out") from error  # fmt: skip


def write_policy(found: Result) -> None:
    """Write the certificates beside the policy, then the policy.

    Raises:
        UsageError: the policy has changed since it was read, or cannot be written.
        DocumentError: it is gone.
    """
    from hitl.document.source import read_bytes
    from hitl.document.write import write_atomic
    from hitl.recalibrate.parts import certificates_path
    from hitl.recalibrate.proposal import document_bytes, was_tested

    before, after = found.proposal.before, found.proposal.after
    if read_bytes(before.path) != before.content:
        raise UsageError(f"{before.path} has changed since it was read; nothing was written there, so run this again")  # fmt: skip
    # A link stays a link, and the file keeps who may read and write it.
    place = before.path.resolve()
    mode = place.stat().st_mode
    if found.proposal.changes and not mode & stat.S_IWUSR:
        raise UsageError(f"{before.path} is read-only, so nothing was written there; let it be written, or apply the policy.diff of --out by hand")  # fmt: skip
    if was_tested(found.document):
        write_atomic(certificates_path(before.path), document_bytes(found.certificates), _BY_HAND)
    if found.proposal.changes:
        write_atomic(place, after.content, _BY_HAND)
        place.chmod(mode)


def write_calibrator(found: Result, path: Path) -> None:
    """Write what repairs the confidence, or say why nothing does."""
    from hitl.document.write import write_atomic

    if found.calibrator is None:
        tell(f"no calibrator: {found.calibrator_reason}")
        return
    write_atomic(path, found.calibrator)
    tell(f"wrote {path}; name it in the policy as `calibrator`, then run this again: the thresholds are for confidence as it is")  # fmt: skip


def say(found: Result, out: Path, *, as_json: bool, is_written: bool) -> None:
    """Print the document, or what people want to know of it and what to do next."""
    from hitl.cli.output import people, print_json
    from hitl.render.recalibration.terminal import print_recalibration

    if as_json:
        print_json(found.document.model_dump(mode="json"))
    else:
        console = people()
        print_recalibration(found.document, console, _diff_text(found))
        names = ("recalibration.json", "index.html", "curve.csv")
        console.print("\n".join(str(out / name) for name in names), soft_wrap=True)
    if step := _next_step(found, is_written=is_written):
        tell(step)


def _next_step(found: Result, *, is_written: bool) -> str:
    from hitl.recalibrate.parts import certificates_path
    from hitl.recalibrate.proposal import was_tested
    from hitl.recalibrate.recalibration import was_answered

    path, version = found.proposal.before.path, found.proposal.new_version
    beside = f", its certificates are in {certificates_path(path)}" if was_tested(found.document) else ""  # fmt: skip
    if not was_answered(found.document):
        return ""
    if version is None:
        return f"{path} stays as it is{beside}" if is_written else f"nothing to change in {path}"
    if is_written:
        return f"{path} is now version {version}{beside}; a changed policy needs a gate of its own: run `hitl gate` on the release again"
    return f"{path} was not changed; read the diff, then run this again with --write"


def _diff_text(found: Result) -> str:
    return found.proposal.diff.decode("utf-8", "replace")
