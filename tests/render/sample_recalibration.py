"""Recalibrations made by hand: a rich one, an empty one, one of thirty types, and one of a hostile log."""

from math import exp

from hitl.recalibrate.parts import (
    Certificate,
    Change,
    CurvePoint,
    Figure,
    Fit,
    Recalibration,
    ScoreCalibration,
    Simulated,
    Simulation,
    Stratum,
    Suggestion,
    Threshold,
    TypeResult,
)
from hitl.recalibrate.words import Direction, ErrorsBy, State

HOSTILE = (
    "</style><script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    '" onmouseover="window.pwned=1',
    "safe \u202egnp.exe",
    "{{ 7 * 7 }} {% raw %} & &lt;",
    "=HYPERLINK(window.pwned)",
    "long-" * 39,
)
TARGET = 0.02
STEEP = (0.55, 18.0)
"""Where the error curve of the sample bends, and how sharply."""
DIFF = """--- policy.yaml
+++ policy.yaml
@@ -3,7 +3,7 @@
 id: incident-triage
-version: "4"
+version: "5"
 action_types:
   annotate_incident:
     thresholds:
-      auto: 0.85  # since March
+      auto: 0.78  # since March
"""


def an_error(threshold: float, bend: float = STEEP[0], sharpness: float = STEEP[1]) -> float:
    return 0.004 + 0.35 / (1 + exp(sharpness * (threshold - bend)))


def a_point(threshold: float, n: int = 4_000, *, wrong: float | None = None) -> CurvePoint:
    share = min(1.0, 1.6 * (1 - threshold) ** 0.7)
    n_all = round(n * share)
    error = an_error(threshold) if wrong is None else wrong
    k = round(n_all * error)
    return CurvePoint(
        threshold=threshold,
        n_all=n_all,
        n=n_all,
        k=k,
        error=k / n_all if n_all else None,
        error_high=min(1.0, (k + 1.65 * (k + 1) ** 0.5 + 2) / n_all) if n_all else None,
        coverage=share,
        escalation=1 - 0.9 * share,
        per_week=float(n_all),
        misses_per_week=float(k),
        reviewer_hours_per_week=round((n - n_all) * 0.02, 3),
    )


def a_curve(n: int = 4_000, points: int = 60, *, worse: float = 1.0) -> tuple[CurvePoint, ...]:
    grid = [round(0.99 - place * 0.59 / max(1, points - 1), 2) for place in range(points)]
    drawn = [a_point(one, n, wrong=min(1.0, an_error(one) * worse)) for one in dict.fromkeys(grid)]
    return tuple(
        one.model_copy(
            update={"is_tested": one.n_all >= 596 and one.threshold >= 0.76, "passes": one.n_all >= 596 and one.threshold >= 0.78}
        )
        for one in drawn
    )  # fmt: skip


def a_certificate(action_type: str, threshold: float) -> Certificate:
    point = a_point(threshold)
    return Certificate(
        action_type=action_type, threshold=threshold, target=TARGET, delta=0.05, delta_total=0.05, round=1, family=1,
        n=point.n, k=point.k, n_all=point.n_all, upper=0.0187, method="fixed sequence from high to low, exact binomial",
        strata=(Stratum(probability=None, n_all=point.n_all, n=point.n, k=point.k),), n_tested=14, first_tested=0.91,
        errors_by=ErrorsBy.CORRECT, model="acme/triage-2026-05-18", policy_id="incident-triage", policy_version="5",
        data_digest="sha256:" + "4f" * 32, sources=("parallel.parquet",), first_day="2026-05-04", last_day="2026-05-10",
        issued_at="2026-05-11T09:00:00Z", valid_until="2026-08-09T09:00:00Z",
    )  # fmt: skip


def a_type(
    name: str = "annotate_incident",
    state: State = State.CERTIFIED,
    auto: Threshold | None = 0.85,
    proposed: Threshold | None = 0.78,
    direction: Direction = Direction.GAINS,
) -> TypeResult:
    has_curve = state in {State.CERTIFIED, State.UNCERTIFIED}
    certified = state is State.CERTIFIED and isinstance(proposed, float)
    return TypeResult(
        action_type=name,
        state=state,
        reason=_REASONS[state],
        n=4_400,
        n_eligible=4_000,
        n_labelled=4_000 if has_curve else 31,
        n_wrong=212 if has_curve else 2,
        auto=auto,
        review=0.6 if auto is not None else None,
        proposed=proposed,
        direction=direction,
        current_error=0.0062 if has_curve else None,
        current_error_high=0.0104 if has_curve else None,
        certificate=a_certificate(name, proposed)
        if certified and isinstance(proposed, float)
        else None,
        labels_needed=1_912 if state is State.UNCERTIFIED else None,
        curve=a_curve() if has_curve else (),
        previous_curve=a_curve(worse=0.7) if has_curve else (),
        suggestions=(
            Suggestion(
                code="indicator",
                message="the candidate's replies break “names one team” in 14 cases of slice night",
            ),
            Suggestion(
                code="pool",
                message="4 reviewers of triage rated the candidate in the parallel run",
            ),
        )
        if certified
        else (),
    )


_REASONS = {
    State.CERTIFIED: "",
    State.UNCERTIFIED: "from a confidence of 0.96, where the test begins, 9 of 640 labelled decisions are wrong: the error rate may be 2.44%, and 2.00% was to be proved; with errors as frequent as seen, about 1,912 labelled decisions would settle it",
    State.CONSTANT: "97.0 % of its decisions have the confidence 0.90",
    State.UNLABELLED: "31 labelled decisions; 149 without an error are the least that can prove 2 %",
    State.CLOSED: "its actions cannot be undone, so a person decides first",
    State.ABSENT: "the log holds no decision of it by this model",
}


def a_calibration(action_type: str | None = None, *, constant: bool = False) -> ScoreCalibration:
    return ScoreCalibration(
        action_type=action_type,
        n=3_980,
        n_values=3 if constant else 811,
        top_share=0.97 if constant else 0.04,
        is_constant=constant,
        is_uninformative=constant,
        auc=Figure(value=0.81, low=0.78, high=0.84, n=3_980) if not constant else None,
        slope=Figure(value=0.71, low=0.64, high=0.79, n=3_980) if not constant else None,
        spiegelhalter_p=None if constant else 0.0004,
        fits=()
        if constant
        else (
            Fit(method="none", error=Figure(value=0.041, low=0.006, high=0.014, n=1_990), brier=0.061),
            Fit(method="temperature", parameters={"temperature": 1.41}, error=Figure(value=0.009, low=0.006, high=0.014, n=1_990), brier=0.055),
            Fit(method="isotonic", parameters={"scores": (0.1, 0.5, 0.9), "values": (0.2, 0.6, 0.99)}, error=Figure(value=0.008, low=0.006, high=0.014, n=1_990), brier=0.054),
            Fit(method="beta", error=None, brier=None, reason="all labels of one half are right"),
        ),
        recommended=None if constant else "temperature",
        reason="the model says 0.90 of 3,861 of 3,980 decisions" if constant else "",
    )  # fmt: skip


def a_simulation(action_type: str = "annotate_incident") -> Simulation:
    def line(rule: str, n: int, broken: float, autonomy: float) -> Simulated:
        return Simulated(
            rule=rule, n=n, runs=400, broken=broken, broken_low=max(0.0, broken - 0.02), broken_high=broken + 0.03,
            certified=0.93, autonomy=autonomy, best=0.6,
        )  # fmt: skip

    return Simulation(
        action_type=action_type,
        curve="isotonic fit of the error by score over 4,000 labels",
        lines=(
            line("fixed sequence", 2_000, 0.02, 0.31),
            line("fixed sequence", 4_000, 0.03, 0.43),
            line("naive", 4_000, 0.55, 0.61),
        ),
    )


def a_recalibration(*types: TypeResult) -> Recalibration:
    found = types or (
        a_type(),
        a_type("route_to_team", auto=0.8, proposed=0.93, direction=Direction.LOSES),
        a_type("hold_deployments", State.UNCERTIFIED, 0.9, "never", Direction.LOSES),
        a_type("notify_customers", State.UNLABELLED, 0.9, "never", Direction.LOSES),
        a_type("remediation", State.CLOSED, None, None, Direction.NONE),
    )
    return Recalibration(
        format="hitl/recalibration/v1",
        policy_id="incident-triage",
        policy_version="4",
        policy_digest="sha256:" + "a1" * 32,
        new_version="5",
        release_id="triage-2026-05",
        model="acme/triage-2026-05-18",
        previous_model="acme/triage-2026-02-02",
        target=TARGET,
        delta=0.05,
        round=1,
        is_family=False,
        errors_by=ErrorsBy.CORRECT,
        created_at="2026-05-11T09:00:00Z",
        sources=("parallel.parquet",),
        n=6_012,
        types=found,
        calibration=(a_calibration(), a_calibration("hold_deployments", constant=True)),
        changes=(
            Change(field="version", line=4, before='"4"', after='"5"'),
            Change(
                field="action_types.annotate_incident.thresholds.auto",
                line=9,
                before="0.85",
                after="0.78",
            ),
        ),
        loosens=True,
        replay_digest="sha256:" + "0c" * 32,
        simulations=(a_simulation(),),
        notes=("reviewers found 74.1 % of planted errors",),
    )


def an_empty_recalibration() -> Recalibration:
    return a_recalibration(
        a_type("refund", State.ABSENT, 0.9, None, Direction.NONE)
    ).model_copy(
        update={
            "policy_id": "", "new_version": None, "release_id": None, "model": None, "previous_model": None, "n": 0,
            "sources": (), "calibration": (), "changes": (), "loosens": False, "replay_digest": None,
            "simulations": (), "notes": (),
        }
    )  # fmt: skip


def a_recalibration_of_thirty() -> Recalibration:
    kinds = (
        (State.CERTIFIED, 0.85, 0.78, Direction.GAINS),
        (State.CERTIFIED, 0.8, 0.93, Direction.LOSES),
        (State.CERTIFIED, 0.85, 0.85, Direction.KEEPS),
        (State.UNCERTIFIED, 0.9, "never", Direction.LOSES),
        (State.UNCERTIFIED, 0.9, 0.9, Direction.KEEPS),
        (State.CONSTANT, 0.9, "never", Direction.LOSES),
        (State.UNLABELLED, 0.9, "never", Direction.LOSES),
        (State.CLOSED, None, None, Direction.NONE),
    )
    types = [a_type(f"action_type_{place:02d}", *kinds[place % len(kinds)]) for place in range(30)]
    return a_recalibration(*types)


def a_hostile_recalibration() -> Recalibration:
    types = [
        a_type(name.replace("\u202e", ""), *kind)
        for name, kind in zip(
            HOSTILE,
            [
                (State.CERTIFIED, 0.85, 0.78, Direction.GAINS),
                (State.UNCERTIFIED, 0.9, "never", Direction.LOSES),
                (State.CERTIFIED, 0.85, 0.85, Direction.KEEPS),
                (State.CONSTANT, 0.9, "never", Direction.LOSES),
                (State.CLOSED, None, None, Direction.NONE),
                (State.CERTIFIED, 0.8, 0.93, Direction.LOSES),
                (State.CERTIFIED, 0.8, 0.93, Direction.LOSES),
            ],
            strict=True,
        )
    ]
    bad = " ".join(HOSTILE) + " \x1b[2J"
    return a_recalibration(
        *(one.model_copy(update={"reason": bad, "suggestions": (Suggestion(code="indicator", message=bad),)}) for one in types)
    ).model_copy(
        update={
            "policy_id": bad, "policy_version": bad, "new_version": bad, "release_id": bad, "model": bad,
            "previous_model": bad, "sources": HOSTILE, "notes": HOSTILE,
            "simulations": (a_simulation(HOSTILE[0]).model_copy(update={"curve": bad}),),
            "calibration": (a_calibration(HOSTILE[1]).model_copy(update={"reason": bad, "recommended": bad}),),
        }
    )  # fmt: skip


HOSTILE_DIFF = "--- a\r\n+++ b\r\n-x: \x1b[31mred\u202e\r\n+<script>window.pwned=1</script>\r\n"
