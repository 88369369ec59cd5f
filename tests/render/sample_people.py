"""A held release with a review whose people agree, and one that is full of hostile text."""

from hitl.record.ratings_parts import (
    ArmFiguresPart,
    BlindnessPart,
    CoefficientPart,
    CoveragePart,
    CrossedPart,
    FoundPart,
    PreferencesPart,
    RatedCasePart,
    RaterPart,
    RatingsPart,
    ReasonPart,
    VotePart,
)
from hitl.record.release import ReleaseRecord
from tests.render.sample_hold import a_hold
from tests.render.sample_parts import HOSTILE

ALICE, BOB, DORA = "a1" * 16, "b0" * 16, "d0" * 16


def a_figure(estimate: float | None, low: float | None, high: float | None, **parts: object) -> CrossedPart:  # fmt: skip
    values: dict[str, object] = {
        "estimate": estimate,
        "low": low,
        "high": high,
        "confidence": 0.95,
        "n": 600,
        "n_items": 200,
        "n_reviewers": 3,
        "method": "crossed",
        "reason": "",
    }
    return CrossedPart.model_validate(values | parts)


def a_rate() -> ArmFiguresPart:
    return ArmFiguresPart(
        previous=a_figure(0.081, 0.05, 0.12),
        candidate=a_figure(0.152, 0.11, 0.2),
        difference=a_figure(0.071, 0.02, 0.122),
    )


def a_coefficient(**parts: object) -> CoefficientPart:
    values: dict[str, object] = {
        "name": "krippendorff_alpha",
        "subject": "action",
        "estimate": 0.712,
        "low": 0.641,
        "high": 0.779,
        "confidence": 0.95,
        "n": 400,
        "method": "bootstrap over items",
        "reason": "",
    }
    return CoefficientPart.model_validate(values | parts)


def a_coverage(subset: str, decides: str) -> CoveragePart:
    return CoveragePart(
        subset=subset,
        n_population=400,
        n_chosen=200,
        n_rated=199,
        n_settled=190,
        decides=decides,
        replies={"settled": 380, "stale": 2, "undecided": 18},
    )


def a_vote(reviewer: str, action: str, **parts: object) -> VotePart:
    values: dict[str, object] = {
        "reviewer": reviewer,
        "role": "rater",
        "action": action,
        "category": None,
        "counts": True,
        "reason": "",
    }
    return VotePart.model_validate(values | parts)


def found(case_id: str, **parts: object) -> FoundPart:
    rater = {"role": "rater", "n_voted": 200, "n_owed": 200, "n_known": 5, "n_known_right": 5, "is_excluded": False, "reason": ""}  # fmt: skip
    values: dict[str, object] = {
        "review_id": "72d89c60",
        "release_id": "incident-triage",
        "mode": "pair",
        "raters": 3,
        "consensus_method": "majority",
        "consensus_note": "",
        "locked_at": "2026-05-18T12:00:00Z",
        "is_partial": False,
        "rules_digest": "aa",
        "key_digest": "bb",
        "blindness": BlindnessPart(label="not_blind", accuracy=0.83, low=0.76, high=0.89, confidence=0.95, n_pairs=120, reason="headings stand in one output alone"),
        "problems": (),
        "least_agreement": 0.4,
        "agreement": (a_coefficient(), a_coefficient(name="gwet_ac1", estimate=0.86, low=0.82, high=0.89)),
        "reviewers": (
            RaterPart.model_validate({"reviewer": ALICE} | rater),
            RaterPart.model_validate({"reviewer": BOB} | rater | {"is_excluded": True, "n_known_right": 1, "reason": "1 of 5 known answers right"}),
            RaterPart.model_validate({"reviewer": DORA} | rater | {"role": "adjudicator", "n_known": 0}),
        ),
        "coverage": (a_coverage("", "yes"), a_coverage("remediation", "yes"), a_coverage("tone", "signal")),
        "preferences": PreferencesPart(wins=24, ties=128, losses=44, undecided=4, net=a_figure(-0.095, -0.171, -0.019)),
        "rates": {"override": a_rate(), "seconds": ArmFiguresPart(previous=a_figure(41.0, 30.0, 55.5), candidate=a_figure(38.2, 29.0, 51.0), difference=a_figure(-2.8, -9.0, 3.4))},
        "n_adjudicated": 3,
        "n_open": 2,
        "categories": {"previous": {"wrong": 9}, "candidate": {"wrong": 21, "off_topic": 4}},
        "reasons": (ReasonPart(case_id=case_id, arm="candidate", action="reject", reviewer=ALICE, text="Names a runbook that is not there."),),
        "cases": (
            RatedCasePart(
                case_id=case_id,
                repeat=0,
                outcome="loss",
                consensus={"candidate": "reject"},
                votes={"candidate": (a_vote(ALICE, "reject", category="off_topic", reason="No such runbook."), a_vote(BOB, "approve", counts=False), a_vote(DORA, "reject", role="adjudicator"))},
            ),
        ),
    }  # fmt: skip
    return FoundPart.model_validate(values | parts)


def a_reviewed(**parts: object) -> ReleaseRecord:
    hold = a_hold()
    ratings = RatingsPart(
        path="reviews/upgrade", unused="", found=found(hold.failures[0].case_id, **parts)
    )
    return hold.model_copy(update={"ratings": ratings}).sealed()


def an_unused(why: str) -> ReleaseRecord:
    ratings = RatingsPart(path="reviews/upgrade", unused=why, found=None)
    return a_hold().model_copy(update={"ratings": ratings}).sealed()


def hostile_ratings(case_id: str) -> RatingsPart:
    """Every field of a review that text from outside can reach, attacking the reader."""
    figure = a_figure(None, None, None, reason=HOSTILE, method=HOSTILE)
    rate = ArmFiguresPart(previous=figure, candidate=figure, difference=figure)
    return RatingsPart(
        path=HOSTILE,
        unused="",
        found=found(
            case_id,
            review_id=HOSTILE,
            release_id=HOSTILE,
            mode=HOSTILE,
            consensus_note=HOSTILE,
            locked_at=HOSTILE,
            blindness=BlindnessPart(label=HOSTILE, accuracy=None, low=None, high=None, confidence=0.95, n_pairs=0, reason=HOSTILE),
            problems=(HOSTILE,),
            agreement=(a_coefficient(name=HOSTILE, subject=HOSTILE, reason=HOSTILE, low=None), a_coefficient(estimate=None, reason=HOSTILE)),
            reviewers=(RaterPart(reviewer=HOSTILE, role=HOSTILE, n_voted=1, n_owed=1, n_known=0, n_known_right=0, is_excluded=True, reason=HOSTILE),),
            coverage=(a_coverage("", "yes"), a_coverage(HOSTILE, "no").model_copy(update={"replies": {HOSTILE: 3}})),
            preferences=PreferencesPart(wins=1, ties=0, losses=0, undecided=0, net=figure),
            rates={HOSTILE: rate},
            categories={HOSTILE: {HOSTILE: 2}, "candidate": {HOSTILE: 3}},
            reasons=(ReasonPart(case_id=HOSTILE, arm=HOSTILE, action=HOSTILE, reviewer=HOSTILE, text=HOSTILE),),
            cases=(RatedCasePart(case_id=case_id, repeat=1, outcome=HOSTILE, consensus={HOSTILE: HOSTILE}, votes={HOSTILE: (a_vote(HOSTILE, HOSTILE, role=HOSTILE, category=HOSTILE, counts=False, reason=HOSTILE),)}),),
        ),
    )  # fmt: skip
