"""`hitl review`: people judge both arms' outputs without knowing which is which."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.commands.review_agree import agree
from hitl.cli.commands.review_merge import merge
from hitl.cli.commands.review_reviewers import reviewers
from hitl.cli.commands.review_serve import serve
from hitl.cli.options import AsJson, Release
from hitl.review.words import Assignment, ConsensusMethod, Mode

app = typer.Typer(no_args_is_help=True)


@app.callback()
def review() -> None:
    """Let people judge both models' outputs without knowing which is which.

    Example: hitl review pack manifests/incident-triage/release.yaml
    """


@app.command()
def pack(
    release: Release,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder; reviews/RELEASE_ID if not given.")
    ] = None,
    reviewers: Annotated[
        str | None,
        typer.Option("--reviewers", help="Names, separated by commas; three unnamed if not given."),
    ] = None,
    adjudicator: Annotated[
        str | None,
        typer.Option("--adjudicator", help="Decides where raters do not agree; as blind."),
    ] = None,
    mode: Annotated[
        Mode, typer.Option("--mode", help="Both outputs, one at a time, or openly labelled.")
    ] = Mode.PAIR,
    raters: Annotated[
        int | None, typer.Option("--raters", min=1, max=25, help="Raters of each item; 3, or all.")
    ] = None,
    assign: Annotated[
        Assignment, typer.Option("--assign", help="Raters from the start, or whoever comes.")
    ] = Assignment.FIXED,
    items: Annotated[
        int | None, typer.Option("--items", min=1, max=1_000_000, help="Most items.")
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option("--minutes", min=0.1, max=1e6, help="Most minutes of all raters together."),
    ] = None,
    seconds_per_item: Annotated[
        float,
        typer.Option(
            "--seconds-per-item", min=1, max=86_400, help="What one look is taken to last."
        ),
    ] = 60.0,
    consensus: Annotated[
        ConsensusMethod, typer.Option("--consensus", help="How votes become one.")
    ] = ConsensusMethod.MAJORITY,
    least_agreement: Annotated[
        float,
        typer.Option(
            "--least-agreement", min=0.2, max=1.0, help="Limit below which ratings decide nothing."
        ),
    ] = 0.4,
    qualification: Annotated[
        Path | None,
        typer.Option("--qualification", help="Items with known answers, JSON lines, mixed in."),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Also write each packet as a page without a server.")
    ] = False,
    title: Annotated[
        str, typer.Option("--title", help="What reviewers are told that they review.")
    ] = "Model outputs",
    reports: Annotated[
        Path, typer.Option("--reports", help="Folder of records, where replies of live arms lie.")
    ] = Path("reports"),
    as_json: AsJson = False,
) -> int:
    """Choose what people look at, take out what tells, draw sides, seal the key.

    Sides come from HITL_REVIEW_SECRET, or from chance if it is not set. Exit 0 also where the
    packets are not blind: the label goes with the ratings.

    Example: hitl review pack manifests/incident-triage/release.yaml
    """
    from hitl.cli.review_pack import PackAsk, show_packed
    from hitl.cli.review_pack import pack as packed

    ask = PackAsk(
        release=release,
        out=out,
        reports=reports,
        reviewers=reviewers,
        adjudicator=adjudicator,
        mode=mode,
        raters=raters,
        assignment=assign,
        items=items,
        minutes=minutes,
        seconds_per_item=seconds_per_item,
        consensus=consensus,
        least_agreement=least_agreement,
        qualification=qualification,
        offline=offline,
        title=title,
    )
    show_packed(packed(ask), as_json=as_json)
    return 0


app.command()(serve)
app.command()(merge)
app.command()(agree)
app.command()(reviewers)
