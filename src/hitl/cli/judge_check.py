"""Which judge `hitl golden judge-check` looks at, and what it writes and says."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.clock import now
from hitl.cli.output import people, print_json, tell

if TYPE_CHECKING:
    from hitl.cli.live import RunOptions
    from hitl.score.judge.certificate import JudgeCertificate
    from hitl.score.judge.check import CheckedJudge, LabelCheck
    from hitl.score.judge.label_rows import LabelColumns
    from hitl.score.judge.label_scheme import LabelScheme


def checked_judge(
    release: Path | None, golden: Path | None, rubric: str | None, out: Path | None
) -> "tuple[CheckedJudge | None, tuple[int, int] | None]":
    """Return the judge and the scale of its rubric, each as far as it is known.

    Raises:
        UsageError: a file without the rubric's name, a rubric that the set does not have, a release
            without a judge, or a certificate to be written of nobody knows whom.
    """
    from hitl.document.load import load_document
    from hitl.errors import UsageError
    from hitl.golden.golden_set import GoldenSet
    from hitl.manifest.release import ReleaseManifest
    from hitl.score.judge.check import CheckedJudge

    if out is not None and release is None:
        raise UsageError(
            "--out needs --release and --rubric: a certificate names the judge that it is for"
        )
    manifest = load_document(release, ReleaseManifest) if release else None
    if manifest and manifest.judge is None:
        raise UsageError(f"{release} names no judge; add `judge: {{model: ...}}` to it")
    place = golden or (release.parent / manifest.golden_set if release and manifest else None)
    if place is None:
        if rubric is not None:
            raise UsageError("--rubric needs --release or --golden, where the rubric stands")
        return None, None
    rubrics = load_document(place, GoldenSet).rubrics
    if rubric not in rubrics:
        known = ", ".join(sorted(rubrics)) or "none"
        raise UsageError(f"name the rubric with --rubric; rubrics of {place}: {known}")
    found = rubrics[rubric]
    if manifest is None or manifest.judge is None or release is None:
        return None, found.scale
    return CheckedJudge(rubric, found, manifest.judge.model, release.parent), found.scale


@dataclass(frozen=True)
class LabelsFile:
    """A labels file, and how it is read."""

    path: Path
    columns: "LabelColumns"
    scheme: "LabelScheme"
    confidence: float


def labels_checked(
    file: LabelsFile, release: Path | None, judge: "CheckedJudge | None", options: "RunOptions"
) -> "LabelCheck":
    """Return what the labels show of the judge, asking it first where the rows hold none of its labels.

    Raises:
        UsageError: the judge has to be asked and nobody says which it is.
    """
    from hitl.cli.judge_asking import CheckQuestion, ask_judge
    from hitl.errors import UsageError
    from hitl.score.judge.check import build
    from hitl.score.judge.label_rows import LabelColumns, read_label_rows
    from hitl.score.judge.reply_rows import names_replies

    path, columns, scheme = file.path, file.columns, file.scheme
    is_asked = columns.judge == LabelColumns().judge and names_replies(path, columns)
    if not is_asked:
        return build(read_label_rows(path, columns), scheme, file.confidence, str(path))
    if release is None or judge is None:
        raise UsageError(
            f"{path} names replies and holds no label of a judge (column {columns.judge!r}, which is missing); name the judge that is to be asked with --release and --rubric"
        )
    question = CheckQuestion(path, release, judge, columns, scheme)
    found, scheme = ask_judge(question, options)
    probes = found.n_probed, found.n_steered
    return build(found.rows, scheme, file.confidence, str(path), probes)


def written(
    check: "LabelCheck", judge: "CheckedJudge | None", valid_days: int, out: Path | None
) -> "JudgeCertificate | None":
    """Return the certificate, valid or not, and write it where that was asked for."""
    from hitl.document.write import write_atomic
    from hitl.score.judge.check import certify

    if judge is None:
        return None
    certificate = certify(check, judge, now(), valid_days)
    if out is not None:
        write_atomic(out, certificate.model_dump_json(indent=2).encode() + b"\n")
        tell(f"wrote {out}")
    return certificate


def say(check: "LabelCheck", certificate: "JudgeCertificate | None", *, as_json: bool) -> None:
    """Print what was found."""
    from hitl.render.judge_check import print_check

    if not as_json:
        print_check(check, certificate, people())
    elif certificate is not None:
        print_json(certificate.model_dump(mode="json"))
    else:
        found = check.counts.model_dump(mode="json") | check.assessment.model_dump(mode="json")
        unscored = [one.model_dump(mode="json") for one in check.unscored]
        print_json(found | {"unscored": unscored, "labels_digest": check.labels_digest})
