"""`hitl recalibrate`."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.log_options import ByEngine, Logs, Mapping, MemoryMb
from hitl.cli.options import AsJson
from hitl.decisions.query import EngineName
from hitl.recalibrate.words import ErrorsBy


def recalibrate(
    logs: Logs,
    policy: Annotated[
        Path,
        typer.Option("--policy", metavar="POLICY.yaml", help="Policy whose thresholds to fit."),
    ],
    release: Annotated[
        Path | None,
        typer.Option(
            "--release",
            metavar="RELEASE",
            help="Release manifest, or record.json of a gate: names both models.",
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Identity to fit for, as it resolved.")
    ] = None,
    previous: Annotated[
        str | None, typer.Option("--previous-model", help="Identity to show beside it.")
    ] = None,
    target: Annotated[
        float, typer.Option("--target", help="Largest error rate among what runs alone.")
    ] = 0.02,
    delta: Annotated[
        float, typer.Option("--delta", help="Chance that a promise does not hold.")
    ] = 0.05,
    family: Annotated[
        bool, typer.Option("--family", help="Share that chance among all action types.")
    ] = False,
    spend: Annotated[
        bool, typer.Option("--spend", help="Share that chance among all recalibrations too.")
    ] = False,
    spent_round: Annotated[
        int | None,
        typer.Option("--round", min=1, help="Number of this recalibration; with --spend."),
    ] = None,
    errors_by: Annotated[
        ErrorsBy, typer.Option("--errors-by", help="Label `correct`, or what people overrode.")
    ] = ErrorsBy.CORRECT,
    random_labels: Annotated[
        bool, typer.Option("--random-labels", help="State that labels are a random sample.")
    ] = False,
    keep_uncertified: Annotated[
        bool,
        typer.Option(
            "--keep-uncertified", help="Leave thresholds that nothing proves; else `never`."
        ),
    ] = False,
    valid_days: Annotated[
        int, typer.Option("--valid-days", min=1, max=3650, help="Days that certificates stand.")
    ] = 90,
    policy_version: Annotated[
        str | None, typer.Option("--policy-version", help="Version of the changed policy.")
    ] = None,
    simulate: Annotated[
        bool,
        typer.Option("--simulate", help="How often rules break their promise on such a curve."),
    ] = False,
    calibrator: Annotated[
        Path | None,
        typer.Option("--calibrator", metavar="OUT.json", help="Write what repairs the confidence."),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Change the policy, and write its certificates.")
    ] = False,
    out: Annotated[
        Path, typer.Option("--out", help="Folder for the proposal and its evidence.")
    ] = Path("reports/recalibration"),
    mapping: Mapping = None,
    set_aside: Annotated[
        bool,
        typer.Option(
            "--set-aside-unread", help="Leave out rules of whose fields no row has a value."
        ),
    ] = False,
    memory_mb: MemoryMb = 1000,
    engine: ByEngine = EngineName.DUCKDB,
    as_json: AsJson = False,
) -> int:
    """Fit the confidence from which actions run alone, with a promise of how rarely they are wrong.

    Shows the change of the policy; --write makes it. Exits 0 also where nothing can be proved, 12 if
    no action type could be tested at all.

    \b
    Example: hitl recalibrate manifests/incident-triage/parallel.parquet
    --policy manifests/incident-triage/policy.yaml
    --release manifests/incident-triage/release.yaml
    """  # noqa: D301  # the sign before the example keeps its lines as they are
    from hitl.cli.recalibrate import Asked, Promise, Reading, Whose, run_recalibration

    promise = Promise(
        target, delta, family, spend, spent_round, errors_by, random_labels, valid_days
    )
    asked = Asked(
        policy,
        Whose(release, model, previous),
        promise,
        Reading(mapping, set_aside, memory_mb, engine),
        keep_uncertified,
        policy_version,
        simulate,
        calibrator,
    )
    return run_recalibration(logs, asked, out, write=write, as_json=as_json)
