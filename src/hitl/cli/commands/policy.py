"""`hitl policy`: look after policies."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.log_options import ByEngine, Logs, Mapping, MemoryMb, opened_log
from hitl.cli.options import AsJson
from hitl.decisions.query import EngineName

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

PolicyFile = Annotated[Path, typer.Option("--policy", metavar="POLICY.yaml", help="The policy.")]
SetAside = Annotated[
    bool,
    typer.Option(
        "--set-aside-unread",
        help="Leave out rules of whose fields no row has a value; else they count as holding.",
    ),
]


@app.callback()
def policy() -> None:
    """Look after policies: what runs alone, and what a person sees.

    Example: hitl policy check manifests/incident-triage/policy.yaml
    """


@app.command()
def check(
    policy: Annotated[Path, typer.Argument(metavar="POLICY.yaml", help="The policy.")],
    as_json: AsJson = False,
) -> int:
    """Show what a policy amounts to for each action type, and find what is wrong with it.

    Mistakes of form (unknown words, pools that nobody named, rules that do not compile) are told
    all at once with file and line and exit 2, as does any error; warnings and notes exit 0.

    Example: hitl policy check manifests/incident-triage/policy.yaml
    """
    from hitl.cli.output import people, print_json
    from hitl.cli.policy import checked_policy, print_findings
    from hitl.render.policy import print_summary

    found = checked_policy(policy)
    if as_json:
        print_json(found.as_json())
    else:
        print_summary(found.types, found.asked, people())
        print_findings(found)
    return 2 if found.has_errors else 0


@app.command()
def replay(
    logs: Logs,
    policy: PolicyFile,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="OTHER.yaml", help="A policy to compare it with."),
    ] = None,
    mapping: Mapping = None,
    set_aside: SetAside = False,
    memory_mb: MemoryMb = 1000,
    engine: ByEngine = EngineName.DUCKDB,
    as_json: AsJson = False,
) -> int:
    """Say what a policy would have done with logged decisions: lanes, work, misses, what changes.

    Nothing is run. The same log and policy give the same answer, the audit sample too.

    Example: hitl policy replay manifests/incident-triage/decisions.parquet
    --policy manifests/incident-triage/policy-5.yaml --against manifests/incident-triage/policy.yaml
    """
    from hitl.cli.clock import now
    from hitl.cli.output import people, print_json
    from hitl.cli.policy_log import replayed
    from hitl.policy.replay.over_log import replay_document
    from hitl.policy.schema import Policy
    from hitl.render.policy_replay import print_replay

    policies = tuple(Policy.load(path) for path in (policy, against) if path is not None)
    opened = opened_log(logs, now(), mapping or policies[0].log_columns, memory_mb, engine)
    with replayed(opened, policies, sets_aside=set_aside) as found:
        document = replay_document(found)
    if as_json:
        print_json(document.model_dump(mode="json"))
    else:
        print_replay(document, people())
    return 0


@app.command()
def capacity(
    logs: Logs,
    policy: PolicyFile,
    mapping: Mapping = None,
    set_aside: SetAside = False,
    memory_mb: MemoryMb = 1000,
    engine: ByEngine = EngineName.DUCKDB,
    as_json: AsJson = False,
) -> int:
    """Say whether reviewers can keep up with what a policy sends them, in their busiest hour.

    By arrivals of the log and measured review times; what is missing is said to be unmeasured.

    Example: hitl policy capacity manifests/incident-triage/decisions.parquet
    --policy manifests/incident-triage/policy.yaml
    """
    from hitl.cli.clock import now
    from hitl.cli.output import people, print_json
    from hitl.cli.policy_log import replayed
    from hitl.policy.capacity.queues import capacity_document
    from hitl.policy.schema import Policy
    from hitl.render.policy_capacity import print_capacity

    policies = (Policy.load(policy),)
    opened = opened_log(logs, now(), mapping or policies[0].log_columns, memory_mb, engine)
    with replayed(opened, policies, sets_aside=set_aside) as found:
        document = capacity_document(found)
    if as_json:
        print_json(document.model_dump(mode="json"))
    else:
        print_capacity(document, people())
    return 0


@app.command()
def advise(
    logs: Logs,
    policy: PolicyFile,
    mapping: Mapping = None,
    set_aside: SetAside = False,
    memory_mb: MemoryMb = 1000,
    engine: ByEngine = EngineName.DUCKDB,
    as_json: AsJson = False,
) -> int:
    """Say which pattern each action type calls for, and what is done wrong, with the evidence.

    Advice exits 0, whatever was found; only a file that cannot be used exits 2.

    Example: hitl policy advise manifests/incident-triage/decisions.parquet
    --policy manifests/incident-triage/policy.yaml
    """
    from hitl.cli.clock import now
    from hitl.cli.output import people, print_json
    from hitl.cli.policy_log import replayed
    from hitl.policy.advice.findings import advice_document
    from hitl.policy.schema import Policy
    from hitl.render.policy_advice import print_advice

    policies = (Policy.load(policy),)
    opened = opened_log(logs, now(), mapping or policies[0].log_columns, memory_mb, engine)
    with replayed(opened, policies, sets_aside=set_aside) as found:
        document = advice_document(found)
    if as_json:
        print_json(document.model_dump(mode="json"))
    else:
        print_advice(document, people())
    return 0
