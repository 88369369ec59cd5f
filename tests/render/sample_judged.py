"""A held release whose arms were asked and whose replies a judge graded."""

from hitl.record.judge_parts import (
    CorrectionPart,
    JudgedArmPart,
    JudgedPairsPart,
    JudgePart,
    LayerPart,
)
from hitl.record.parts import ArmIdentity, Note, Reason
from hitl.record.release import ReleaseRecord
from tests.render.sample_hold import a_hold
from tests.render.sample_parts import HOSTILE, an_identity, an_interval


def a_judged_arm(mean: float, low: float, high: float, **parts: object) -> JudgedArmPart:
    values: dict[str, object] = {
        "n_asked": 180,
        "n_graded": 178,
        "n_unscored": 2,
        "unscored": {"no_json": 1, "grade_out_of_range": 1},
        "mean": an_interval(mean, low, high, 60, "empirical Bernstein"),
        "spread": 0.31,
        "n_met": 149,
        "share_met": 149 / 178,
    }
    return JudgedArmPart.model_validate({**values, **parts})


def a_judge(**parts: object) -> JudgePart:
    values: dict[str, object] = {
        "rubric": "grounded",
        "pairwise": False,
        "judge_id": "4f9c2ab17d3e" + "0" * 52,
        "model": "verdict-2026-01-01",
        "resolved": ("verdict-2026-01-01",),
        "family": "verdict",
        "same_family": (),
        "certificate": "valid",
        "problems": (),
        "counts_in": ("thin-evidence-escalation",),
        "signal_in": (),
        "previous": a_judged_arm(4.31, 4.12, 4.48),
        "candidate": a_judged_arm(3.86, 3.61, 4.09, n_met=121, share_met=121 / 178),
        "difference": an_interval(-0.45, -0.71, -0.18, 60, "empirical Bernstein"),
        "pairs": None,
        "n_calls": 360,
        "cost_usd": 1.44,
    }
    return JudgePart.model_validate({**values, **parts})


def a_pairing_judge(**parts: object) -> JudgePart:
    values: dict[str, object] = {
        "rubric": "helpful",
        "pairwise": True,
        "judge_id": "b07e55d1c9aa" + "0" * 52,
        "model": "atlas-judge-latest",
        "resolved": ("atlas-judge-2026-02-11",),
        "family": "atlas",
        "same_family": ("previous", "candidate"),
        "certificate": "not_valid",
        "problems": (
            "no certificate is of this judge: rubric, model, parameters or prompt differ",
            "its labels are from before the rubric changed",
        ),
        "counts_in": (),
        "signal_in": ("tool-suggestion-posture", "structured-output-semantics"),
        "previous": None,
        "candidate": None,
        "difference": None,
        "pairs": JudgedPairsPart(
            n_pairs=60,
            n_asked=52,
            wins=11,
            losses=19,
            ties=28,
            n_unscored=2,
            unscored={"refused": 2},
            n_compared=50,
            n_flips=9,
            flip_rate=0.18,
            first_share=0.61,
            first_p_value=0.0042,
        ),
        "cost_usd": None,
        "n_calls": 104,
    }
    return a_judge(**{**values, **parts})


def a_live_arm(declared: str, **parts: object) -> ArmIdentity:
    values: dict[str, object] = {
        "provider": "openai",
        "is_live": True,
        "endings": {"answered": 1251, "refused": 3, "truncated": 1, "failed": 5},
        "faults": {"rate_limited": 4, "timeout": 1},
        "n_errors": 5,
        "n_retried": 41,
        "n_redacted": 12,
        "cost_usd": 3.2871,
        "price": {
            "usd_per_1m_input": 2.5,
            "usd_per_1m_output": 10.0,
            "source": "manifest",
        },
        "oldest_reply": "2026-11-19T22:14:03.120000+00:00",
        "newest_reply": "2026-11-20T13:58:40.004000+00:00",
    }
    return an_identity(declared, declared).model_copy(update={**values, **parts})


CORRECTED = CorrectionPart(
    subset="thin-evidence-escalation",
    judged=-0.104,
    estimate=-0.117,
    low=-0.19,
    high=-0.044,
    decision_low=-0.178,
    confidence=0.95,
    method="prediction-powered, clustered",
    tuning=0.62,
    n_labelled=40,
    n_unlabelled=140,
    n_left_out=2,
    n_unused=3,
    reason="",
)
LAYERS = (
    LayerPart(name="rules", n_asked=2520, n_settled=2155, n_left=365, cost_low_usd=0.0, cost_high_usd=0.0),
    LayerPart(name="judge", n_asked=360, n_settled=341, n_left=19, cost_low_usd=None, cost_high_usd=None),
    LayerPart(name="person", n_asked=19, n_settled=0, n_left=19, cost_low_usd=9.5, cost_high_usd=38.0),
)  # fmt: skip


def a_judged() -> ReleaseRecord:
    """A hold over live arms, with a judge that counts and one that does not."""
    hold = a_hold()
    unequal = "the arms were asked with unequal settings: seed (7 against not honoured); a difference of the replies may be theirs."
    return hold.model_copy(
        update={
            "previous_model": a_live_arm(
                "atlas-2026-05-01", endings={"answered": 1260}, faults={}, n_errors=0, n_retried=2
            ),
            "candidate_model": a_live_arm(
                "atlas-2026-11-01",
                dropped_params=("seed",),
                metadata_identities=("atlas-2026-11-01-r2",),
                n_old=8,
                cost_usd=None,
                price=None,
            ),
            "alias_resolution": None,
            "judges": (a_judge(), a_pairing_judge()),
            "corrected_differences": (
                CORRECTED,
                CORRECTED.model_copy(
                    update={
                        "subset": "tool-suggestion-posture",
                        "estimate": None,
                        "low": None,
                        "high": None,
                        "decision_low": None,
                        "tuning": None,
                        "n_labelled": 3,
                        "reason": "too few labels: 3 clusters in both arms, at least 10 are needed",
                    }
                ),
            ),
            "cascade": LAYERS,
            "redactions": {"email": 3, "api_key": 1},
            "reasons": (
                *hold.reasons,
                Reason(code="unequal_settings", subset=None, authority=None, message=unequal),
            ),
            "findings": (
                *hold.findings,
                Note(
                    code="starved_arm", subset=None, message="the candidate arm was starved: 5 of its calls failed"
                ),
                Note(
                    code="judge_without_authority",
                    subset="tool-suggestion-posture",
                    message="judge atlas-judge-latest (helpful) has no authority in tool-suggestion-posture: no certificate",
                ),
                Note(code="retried_calls", subset=None, message="41 candidate calls took more than one attempt"),
            ),
        }
    ).sealed()  # fmt: skip


def hostile_judging() -> dict[str, object]:
    """Every field of judges, cascade and live arms that text from outside can reach, attacking the reader."""
    arm = a_judged_arm(4.0, 3.0, 5.0, unscored={HOSTILE: 2})
    arm = arm.model_copy(update={"mean": arm.mean.model_copy(update={"method": HOSTILE})})
    judge = a_judge(
        rubric=HOSTILE,
        judge_id=HOSTILE,
        model=HOSTILE,
        resolved=(HOSTILE,),
        family=HOSTILE,
        same_family=("candidate",),
        certificate="not_valid",
        problems=(HOSTILE,) * 30,
        counts_in=(HOSTILE,),
        signal_in=(HOSTILE,) * 9,
        previous=arm,
        candidate=arm,
        difference=an_interval(-0.4, -0.7, -0.1, 60, HOSTILE),
    )
    paired = a_pairing_judge(
        rubric=HOSTILE, model=HOSTILE, resolved=(HOSTILE,), problems=(HOSTILE,)
    )
    assert paired.pairs is not None
    paired = paired.model_copy(
        update={"pairs": paired.pairs.model_copy(update={"unscored": {HOSTILE: 2}})}
    )
    return {
        "judges": (judge, paired),
        "corrected_differences": (
            CORRECTED.model_copy(update={"subset": HOSTILE, "method": HOSTILE}),
            CORRECTED.model_copy(update={"subset": HOSTILE, "estimate": None, "reason": HOSTILE}),
        ),
        "cascade": (*LAYERS, LAYERS[1].model_copy(update={"name": HOSTILE})),
        "redactions": {HOSTILE: 3},
        "previous_model": a_live_arm(
            HOSTILE,
            provider=HOSTILE,
            endings={HOSTILE: 3},
            faults={HOSTILE: 3},
            dropped_params=(HOSTILE,) * 20,
            metadata_identities=(HOSTILE,) * 20,
            oldest_reply=HOSTILE,
            newest_reply=HOSTILE[::-1],
            price={"usd_per_1m_input": HOSTILE, "source": HOSTILE},
        ),
    }
