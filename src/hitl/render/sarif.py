"""The record as SARIF 2.1.0: one result for each reason and each failed case."""

import json
from typing import assert_never
from urllib.parse import quote

from hitl.document.schema import Json
from hitl.gate.verdict_words import Verdict
from hitl.manifest.gate_class import Authority
from hitl.record.parts import Failure, Reason
from hitl.record.release import ReleaseRecord
from hitl.render.cases import gravest_first, verdict_title
from hitl.render.text import brief, show

MOST_CASES = 1_000
_MESSAGE = 1_000
_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def render_sarif(record: ReleaseRecord) -> str:
    """Return a SARIF log with stable rule ids and fingerprints, levels by authority."""
    failures = gravest_first(record.failures)
    authorities = {subset.id: subset.authority for subset in record.subsets}
    results: list[Json] = [_reason(record, reason) for reason in record.reasons]
    results += [
        _case(record, failure, authorities.get(failure.subset)) for failure in failures[:MOST_CASES]
    ]
    rule_ids = sorted(
        {f"hitl/{reason.code}" for reason in record.reasons} | {_case_rule(one) for one in failures}
    )
    run: dict[str, Json] = {
        "tool": {
            "driver": {
                "name": "hitl",
                "version": show(str(record.environment.get("hitl", "unknown"))),
                "rules": [
                    {"id": show(rule), "shortDescription": {"text": show(_words(rule))}}
                    for rule in rule_ids
                ],
            }
        },
        "automationDetails": {"id": show(f"hitl/{record.workflow_id}/{record.release_id}")},
        "invocations": [
            {
                "executionSuccessful": True,
                "exitCode": record.exit_code,
                "endTimeUtc": record.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
        ],
        "results": results,
        "properties": {
            "verdict": record.verdict.value,
            "headline": show(record.headline),
            "digest": record.digest,
            "failedCases": len(failures),
            "failedCasesLeftOut": max(0, len(failures) - MOST_CASES),
        },
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _reason(record: ReleaseRecord, reason: Reason) -> Json:
    level = "note" if record.verdict is Verdict.SHIP else _level(reason.authority)
    return {
        "ruleId": show(f"hitl/{reason.code}"),
        "level": level,
        "message": {"text": brief(reason.message, _MESSAGE)},
        "locations": [_location(record, reason.subset or record.release_id)],
        "partialFingerprints": {
            "hitlReason/v1": show(f"{record.workflow_id}/{reason.code}/{reason.subset or ''}")
        },
    }


def _case(record: ReleaseRecord, failure: Failure, authority: Authority | None) -> Json:
    because = "; ".join(failure.candidate.findings or failure.expected) or failure.candidate.mark
    return {
        "ruleId": show(_case_rule(failure)),
        "level": _level(authority),
        "message": {
            "text": brief(
                f"{failure.case_id}: {verdict_title(failure.verdict)}. {because}", _MESSAGE
            )
        },
        "locations": [_location(record, f"{failure.subset}/{failure.case_id}")],
        "partialFingerprints": {
            "hitlCase/v1": show(f"{failure.subset}/{failure.case_id}/{failure.case_digest}")
        },
        "properties": {"severity": show(failure.severity), "zeroTolerance": failure.zero_tolerance},
    }


def _location(record: ReleaseRecord, name: str) -> Json:
    """Name what is meant; code scanning also wants a file, so the golden set stands for its cases."""
    paths = [part.path for part in record.evidence if part.role.startswith("golden")] or [
        part.path for part in record.evidence
    ]
    uri = quote(show(paths[0]), safe="/._-") if paths else "record.json"
    return {
        "physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}},
        "logicalLocations": [{"fullyQualifiedName": brief(name, 400)}],
    }


def _level(authority: Authority | None) -> str:
    match authority:
        case None | Authority.BLOCK | Authority.ROLLBACK_TRIGGER:
            return "error"
        case Authority.CONDITIONAL:
            return "warning"
        case Authority.SIGNAL:
            return "note"
        case _:
            assert_never(authority)


def _case_rule(failure: Failure) -> str:
    return f"hitl/case-{failure.verdict.replace('_', '-')}"


def _words(rule: str) -> str:
    return rule.removeprefix("hitl/").replace("_", " ").replace("-", " ")
