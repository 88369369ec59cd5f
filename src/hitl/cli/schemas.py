"""JSON Schemas of every document that people write or that hitl writes."""

from typing import Any


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema (2020-12) of each document, by name."""
    from pydantic import BaseModel

    from hitl.decisions.change.comparison import LogComparison
    from hitl.decisions.decision import Decision
    from hitl.decisions.mapping import MappingFile
    from hitl.decisions.measures.baseline import Baseline
    from hitl.golden.case import Case
    from hitl.golden.golden_set import GoldenSet
    from hitl.manifest.release import ReleaseManifest
    from hitl.policy.advice.parts import Advice
    from hitl.policy.calibrator import Calibrator
    from hitl.policy.capacity.parts import Capacity
    from hitl.policy.replay.parts import Replay
    from hitl.policy.schema import Policy
    from hitl.recalibrate.parts import CertificateFile, Recalibration
    from hitl.record.release import ReleaseRecord
    from hitl.render.handover.parts import Bundle, Escalation, SignOff, Ticket
    from hitl.review.agreement_parts import AgreementReport
    from hitl.review.parts import Invitations, Packet, ReviewKey, ReviewPlan, Withdrawal
    from hitl.review.qualification import KnownItem
    from hitl.review.reviewers.parts import ReviewersReport
    from hitl.review.votes import Ballot, Ratings
    from hitl.run.reply import Reply
    from hitl.run.script import Script
    from hitl.score.judge.certificate import JudgeCertificate

    documents: dict[str, type[BaseModel]] = {
        "golden-set": GoldenSet,
        "case": Case,
        "reply": Reply,
        "release": ReleaseManifest,
        "policy": Policy,
        "decision": Decision,
        "mapping": MappingFile,
        "script": Script,
        "baseline": Baseline,
        "log-comparison": LogComparison,
        "policy-replay": Replay,
        "policy-capacity": Capacity,
        "policy-advice": Advice,
        "recalibration": Recalibration,
        "threshold-certificates": CertificateFile,
        "calibrator": Calibrator,
        "record": ReleaseRecord,
        "ticket": Ticket,
        "escalation": Escalation,
        "sign-off": SignOff,
        "evidence-bundle": Bundle,
        "judge-certificate": JudgeCertificate,
        "review": ReviewPlan,
        "packet": Packet,
        "known-item": KnownItem,
        "invitations": Invitations,
        "review-key": ReviewKey,
        "ballot": Ballot,
        "withdrawal": Withdrawal,
        "ratings": Ratings,
        "agreement": AgreementReport,
        "reviewers": ReviewersReport,
    }
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {name: dialect | document.model_json_schema() for name, document in documents.items()}
