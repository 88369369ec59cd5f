"""What `hitl handover` reads, prints and writes."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.output import print_json, print_text, tell
from hitl.errors import UsageError

if TYPE_CHECKING:
    from hitl.document.schema import Document
    from hitl.policy.schema import Policy
    from hitl.record.parts import Failure
    from hitl.record.release import ReleaseRecord
    from hitl.render.handover.parts import Bundle, EvidenceRef, Matter


class HandoverFormat(StrEnum):
    """Views of a hand-over."""

    MD = "md"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class About:
    """What a hand-over was asked to be about."""

    case: str | None
    logs: tuple[str, ...]
    decision: str | None
    policy: Path | None
    mapping: Path | None

    def check(self) -> None:
        """Refuse what names nothing, or two things.

        Raises:
            UsageError: neither or both of a case and a decision, or a log without a decision.
        """
        if (self.case is None) is (self.decision is None):
            raise UsageError("expected either `--case ID` of the record, or `--log LOG --decision ID`")  # fmt: skip
        if bool(self.logs) is not (self.decision is not None):
            raise UsageError("`--log` and `--decision` belong together; name both")


@dataclass(frozen=True, slots=True)
class Written:
    """One hand-over in both views, with its evidence."""

    name: str
    """Of its files."""
    document: "Document"
    markdown: str
    bundle: "Bundle"


@dataclass(frozen=True, slots=True)
class Showing:
    """How it is wanted."""

    view: HandoverFormat
    out: Path | None
    as_json: bool


def hand_over_ticket(path: Path, about: About, showing: Showing) -> None:
    """Print or write the triage ticket of a case or a decision.

    Raises:
        UsageError: no such case or decision, or a folder that cannot be written.
        DocumentError: a record, policy or log with faults.
    """
    from hitl.record.store import load_record
    from hitl.render.handover.bundle import evidence_bundle, record_ref
    from hitl.render.handover.ticket import ticket_markdown, ticket_of

    record = load_record(path)
    ref = record_ref(record, str(path))
    matter, files = matter_of(record, about, policy_of(about.policy))
    found = ticket_of(record, ref, matter)
    bundle = evidence_bundle(record, ref, matter, files)
    _hand_over(Written("ticket", found, ticket_markdown(found), bundle), showing)


def hand_over_escalation(path: Path, about: About, showing: Showing) -> None:
    """Print or write the message to whoever has to decide about a case or a decision.

    Raises:
        UsageError: no such case or decision, or a folder that cannot be written.
        DocumentError: a record, policy or log with faults.
    """
    from hitl.record.store import load_record
    from hitl.render.handover.bundle import evidence_bundle, record_ref
    from hitl.render.handover.escalation import escalation_markdown, escalation_of

    record = load_record(path)
    ref, policy = record_ref(record, str(path)), policy_of(about.policy)
    matter, files = matter_of(record, about, policy)
    found = escalation_of(record, ref, matter, policy)
    bundle = evidence_bundle(record, ref, matter, files)
    _hand_over(Written("escalation", found, escalation_markdown(found), bundle), showing)


def hand_over_sign_off(path: Path, showing: Showing) -> None:
    """Print or write the checklist of a release.

    Raises:
        UsageError: a folder that cannot be written.
        DocumentError: a record with faults.
    """
    from hitl.record.store import load_record
    from hitl.render.handover.bundle import evidence_bundle, record_ref
    from hitl.render.handover.signoff import sign_off_markdown, sign_off_of

    record = load_record(path)
    ref = record_ref(record, str(path))
    found, bundle = sign_off_of(record, ref), evidence_bundle(record, ref, None)
    text = sign_off_markdown(found, ((one.role, one.path, one.sha256) for one in bundle.files))
    _hand_over(Written("sign-off", found, text, bundle), showing)


def _hand_over(written: Written, showing: Showing) -> None:
    """Print a hand-over, or write it with its evidence to a folder."""
    as_json = showing.as_json or showing.view is HandoverFormat.JSON
    if showing.out is not None:
        from hitl.document.write import write_all

        files = {
            f"{written.name}.md": written.markdown.encode(),
            f"{written.name}.json": _bytes(written.document),
            "evidence.json": _bytes(written.bundle),
        }
        write_all(showing.out, files)
        tell("wrote " + ", ".join(str(showing.out / name) for name in files))
    if as_json and (showing.as_json or showing.out is None):
        print_json(written.document.model_dump(mode="json"))
    elif showing.out is None:
        print_text(written.markdown)


def matter_of(
    record: "ReleaseRecord", about: About, policy: "Policy | None"
) -> "tuple[Matter, tuple[EvidenceRef, ...]]":
    """Return what is handed over, and the files of the log where it comes from one.

    Raises:
        UsageError: no such case or decision; the message names some that there are.
        DocumentError: a log that cannot be read.
    """
    from hitl.render.handover.matter import case_matter, decision_matter

    about.check()
    if about.decision is None:
        return case_matter(record, _failure(record, about.case or "")), ()
    from hitl.cli.clock import now
    from hitl.cli.log_options import opened_log
    from hitl.decisions.one import find_decision
    from hitl.decisions.redaction.redact import Redactor

    redactor = Redactor(policy.redact if policy else None)
    mapping = about.mapping or (policy.log_columns if policy else None)
    with opened_log(about.logs, now(), mapping) as log:
        row = find_decision(log, about.decision)
        names = tuple(str(name) for part in log.parts for name in part.names)
    matter = decision_matter(row, lambda text: redactor.redact(text).text)
    return matter, tuple(map(_log_file, names))


def policy_of(path: Path | None) -> "Policy | None":
    """Read the policy that was named.

    Raises:
        DocumentError: it has faults.
    """
    if path is None:
        return None
    from hitl.policy.schema import Policy

    return Policy.load(path)


def _failure(record: "ReleaseRecord", case: str) -> "Failure":
    from rapidfuzz import process

    from hitl.render.text import one_line

    found = next((one for one in record.failures if one.case_id == case), None)
    if found is not None:
        return found
    ids = [one.case_id for one in record.failures]
    near = [one_line(name) for name, _, _ in process.extract(case, ids, limit=5)]
    listed = f"failed cases there are {', '.join(near)}, ..." if near else "no case failed there"
    raise UsageError(f"the candidate did not fail a case {one_line(case)!r} in this record; {listed}")  # fmt: skip


def _log_file(name: str) -> "EvidenceRef":
    from hitl.digest import digest_file
    from hitl.render.handover.parts import EvidenceRef

    file = Path(name)
    return EvidenceRef(role="log", path=name, sha256=digest_file(file) if file.is_file() else "")


def _bytes(document: "Document") -> bytes:
    return document.model_dump_json(indent=1).encode() + b"\n"
