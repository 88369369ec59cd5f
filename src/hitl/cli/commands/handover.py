"""`hitl handover`: a ticket, an escalation, a sign-off, each with its evidence."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.handover import About, HandoverFormat, Showing
from hitl.cli.options import AsJson, Record

app = typer.Typer(no_args_is_help=True)

Case = Annotated[str | None, typer.Option("--case", help="A failed case of the record.")]
LogPath = Annotated[
    list[str] | None,
    typer.Option("--log", help="Decision log: a file, pattern or table; may stand again."),
]
Decision = Annotated[str | None, typer.Option("--decision", help="A decision of the log, by id.")]
PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", help="Policy: who decides by when, and what is redacted."),
]
MappingFile = Annotated[
    Path | None,
    typer.Option("--mapping", help="mapping.yaml of the log; the policy's if not given."),
]
View = Annotated[HandoverFormat, typer.Option("--format", help="Which view.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Folder for both views and evidence.json, rather than stdout."),
]


@app.callback()
def handover() -> None:
    """Hand a case or a decision over to somebody else, with its evidence.

    Example: hitl handover signoff reports/triage-2026-05-18
    """


@app.command()
def ticket(
    record: Record,
    case: Case = None,
    log: LogPath = None,
    decision: Decision = None,
    policy: PolicyFile = None,
    mapping: MappingFile = None,
    view: View = HandoverFormat.MD,
    out: Out = None,
    as_json: AsJson = False,
) -> int:
    """Write a triage ticket: what happened, what should have, the evidence, what to do.

    Example: hitl handover ticket reports/triage-2026-05-18 --case thin-001
    """
    from hitl.cli.handover import hand_over_ticket

    about = About(case, tuple(log or ()), decision, policy, mapping)
    hand_over_ticket(record, about, Showing(view, out, as_json))
    return 0


@app.command()
def escalation(
    record: Record,
    case: Case = None,
    log: LogPath = None,
    decision: Decision = None,
    policy: PolicyFile = None,
    mapping: MappingFile = None,
    view: View = HandoverFormat.MD,
    out: Out = None,
    as_json: AsJson = False,
) -> int:
    """Write to whoever has to decide: what, how bad, by when, what happens until then.

    Example: hitl handover escalation reports/triage-2026-05-18 --case thin-001 --policy manifests/incident-triage/policy.yaml
    """
    from hitl.cli.handover import hand_over_escalation

    about = About(case, tuple(log or ()), decision, policy, mapping)
    hand_over_escalation(record, about, Showing(view, out, as_json))
    return 0


@app.command()
def signoff(
    record: Record,
    view: View = HandoverFormat.MD,
    out: Out = None,
    as_json: AsJson = False,
) -> int:
    """Write the checklist of whoever signs: what is settled, and what a person decides.

    Example: hitl handover signoff reports/triage-2026-05-18 --out sign-off
    """
    from hitl.cli.handover import hand_over_sign_off

    hand_over_sign_off(record, Showing(view, out, as_json))
    return 0
