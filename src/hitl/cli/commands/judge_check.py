"""`hitl golden judge-check`: what labels of people show of a judge, and its certificate."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.options import AllowPython, AsJson, Fresh, ReuseOld
from hitl.score.judge.validity import LONGEST_DAYS, VALID_DAYS


def judge_check(
    labels_file: Annotated[
        Path, typer.Argument(metavar="LABELS", help="Labelled items, JSON lines (.gz too).")
    ],
    release: Annotated[
        Path | None,
        typer.Option("--release", help="The release whose judge is checked: its certificate."),
    ] = None,
    rubric: Annotated[
        str | None, typer.Option("--rubric", help="The rubric that the judge graded by.")
    ] = None,
    golden: Annotated[
        Path | None,
        typer.Option("--golden", help="Golden set with the rubric; the release's by default."),
    ] = None,
    positive: Annotated[
        list[str] | None,
        typer.Option("--positive", help="A label that counts as a pass; may be given again."),
    ] = None,
    at_least: Annotated[
        float | None, typer.Option("--at-least", help="Least grade that counts as a pass.")
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option("--labels", help="All labels, lowest first, as a,b,c; people's by default."),
    ] = None,
    ordinal: Annotated[
        bool, typer.Option("--ordinal", help="Labels have an order, and distance counts.")
    ] = False,
    pairwise: Annotated[
        bool, typer.Option("--pairwise", help="The judge compares two replies.")
    ] = False,
    confidence: Annotated[
        float, typer.Option("--confidence", min=0.8, max=0.9999, help="Of every interval.")
    ] = 0.95,
    valid_days: Annotated[
        int,
        typer.Option(
            "--valid-days", min=1, max=LONGEST_DAYS, help="Days that a certificate counts."
        ),
    ] = VALID_DAYS,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the certificate here; needs --release.")
    ] = None,
    human_column: Annotated[
        list[str] | None,
        typer.Option("--human-column", help="Column of a person's label; may be given again."),
    ] = None,
    judge_column: Annotated[
        str, typer.Option("--judge-column", help="Column of the judge's label.")
    ] = "judge",
    item_column: Annotated[
        str, typer.Option("--item-column", help="Column of the item's id.")
    ] = "item",
    arm_column: Annotated[
        str, typer.Option("--arm-column", help="Column of the arm: previous or candidate.")
    ] = "arm",
    reports: Annotated[
        Path,
        typer.Option("--reports", help="Folder of records, as `--out` of hitl run and hitl gate."),
    ] = Path("reports"),
    fresh: Fresh = False,
    reuse_old: ReuseOld = False,
    allow_python: AllowPython = False,
    as_json: AsJson = False,
) -> int:
    """Hold a judge against labels of people: agreement, its errors in each arm, and a certificate.

    With --release and --rubric it is known which judge that is, and the answer is a certificate:
    valid exits 0, not valid 10. Without them the agreement is shown and nothing is certified.
    Rows that name replies (case_id, arm) and hold no label of the judge have it asked now.

    Example: hitl golden judge-check manifests/incident-triage/labels.jsonl --at-least 4
    """
    from hitl.cli.judge_check import (
        LabelsFile,
        checked_judge,
        labels_checked,
        say,
        written,
    )
    from hitl.cli.live import RunOptions
    from hitl.score.judge.label_rows import LabelColumns
    from hitl.score.judge.label_scheme import LabelScheme

    judge, scale = checked_judge(release, golden, rubric, out)
    columns = LabelColumns(tuple(human_column or ("human",)), judge_column, item_column, arm_column)
    scheme = LabelScheme(
        labels=tuple(label.strip() for label in labels.split(",")) if labels else (),
        positive=tuple(positive or ()),
        at_least=at_least,
        scale=scale,
        is_ordinal=ordinal,
        is_pairwise=pairwise,
    )
    file = LabelsFile(labels_file, columns, scheme, confidence)
    options = RunOptions(reports, fresh, reuse_old, allow_python=allow_python)
    check = labels_checked(file, release, judge, options)
    certificate = written(check, judge, valid_days, out)
    say(check, certificate, as_json=as_json)
    return 0 if certificate is None or certificate.valid else 10
