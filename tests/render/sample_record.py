"""Release records in the situations that people meet, built by hand."""

from hitl.gate.verdict_words import State, Verdict
from hitl.manifest.gate_class import Authority
from hitl.manifest.release import Stage
from hitl.record.parts import (
    EvidencePart,
    Note,
    Reason,
)
from hitl.record.release import ReleaseRecord
from tests.render.sample_hold import a_hold as a_hold
from tests.render.sample_judged import a_judged as a_judged
from tests.render.sample_judged import hostile_judging
from tests.render.sample_parts import HOSTILE, a_failure, a_reply, a_subset, an_identity
from tests.render.sample_people import hostile_ratings
from tests.render.sample_ship import a_ship as a_ship


def a_revert() -> ReleaseRecord:
    hold = a_hold()
    return hold.model_copy(
        update={
            "verdict": Verdict.REVERT,
            "exit_code": 11,
            "stage": Stage.CANARY,
            "headline": "early-live-canary fails with authority rollback trigger at stage canary.",
        }
    ).sealed()


def an_unmeasured() -> ReleaseRecord:
    subset = a_subset(
        "thin-evidence-escalation",
        Authority.BLOCK,
        State.UNMEASURED,
        reason="The candidate gave no reply to any case.",
    )
    return a_ship(
        verdict=Verdict.HOLD,
        exit_code=10,
        headline="thin-evidence-escalation could not be measured (n = 0).",
        reasons=(
            Reason(
                code="block_unmeasured",
                subset="thin-evidence-escalation",
                authority=Authority.BLOCK,
                message="The candidate gave no reply to any case.",
            ),
        ),
        candidate_model=an_identity("atlas-2026-11-01", grade="declared", n_replies=0),
        subsets=(subset,),
        measures={},
    )


def a_hostile() -> ReleaseRecord:
    """A hold in which every text that a model or a file can choose attacks the reader."""
    hold = a_hold()
    failure = a_failure(
        HOSTILE[:80],
        "thin-evidence-escalation",
        expected=(HOSTILE,),
        input=HOSTILE,
        previous=a_reply("pass", HOSTILE, HOSTILE, n_passed=3),
        candidate=a_reply("fail", HOSTILE + " worse", HOSTILE, cut=10_000_000),
    )
    mode = hold.failure_modes[0].model_copy(
        update={"name": HOSTILE, "terms": (HOSTILE,), "examples": (HOSTILE[:80],)}
    )
    identity = hold.candidate_model.model_copy(
        update={"resolved": (HOSTILE,), "declared": HOSTILE[:90], "params": {HOSTILE: HOSTILE}}
    )
    return hold.model_copy(
        update={
            **hostile_judging(),
            "ratings": hostile_ratings(failure.case_id),
            "headline": HOSTILE,
            "failures": (failure, *hold.failures),
            "failure_modes": (mode,),
            "candidate_model": identity,
            "reasons": (
                Reason(code="block_failed", subset=None, authority=None, message=HOSTILE),
                Reason(code="unequal_settings", subset=None, authority=None, message=HOSTILE),
                *hold.reasons,
            ),
            "findings": (Note(code="note", subset=None, message=HOSTILE),),
            "owner": {"name": HOSTILE, "contact": HOSTILE},
            "environment": {HOSTILE: HOSTILE},
            "evidence": (EvidencePart(role="replies", path=HOSTILE, sha256="e" * 64, bytes=10),),
        }
    ).sealed()


def a_hold_with(n_failures: int, text: str) -> ReleaseRecord:
    """A hold with many failed cases whose replies are long."""
    failures = tuple(
        a_failure(
            f"thin-{number:05d}",
            "thin-evidence-escalation",
            input=text,
            expected=(text[:200], text[:200]),
            previous=a_reply("pass", text, n_passed=3),
            candidate=a_reply("fail", text[::-1], text[:200], text[:200]),
        )
        for number in range(n_failures)
    )
    return a_hold().model_copy(update={"failures": failures}).sealed()
