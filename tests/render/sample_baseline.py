"""Baselines made by hand: a rich one, one of which nothing could be said, and one of a hostile log."""

from collections.abc import Iterable, Mapping

from hitl.decisions.measures.baseline import Baseline
from hitl.decisions.measures.measured import unit_of
from hitl.decisions.measures.parts import (
    Attribution,
    Calibration,
    Group,
    LogPart,
    Measured,
    ModelPart,
    ReliabilityBin,
    TargetPart,
)
from hitl.decisions.measures.words import Met, Metric, Stand

HOSTILE = (
    "</style><script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    '" onmouseover="window.pwned=1',
    "safe \u202egnp.exe\x1b[2J",
    "{{ 7 * 7 }} {% raw %} & &lt;",
    "long-" * 200,
)
MODELS = ("acme/model-v2026-04-02", "acme/model-v2026-06-18")
ACTIONS = (
    "annotate_incident",
    "hold_deployments",
    "notify_customers",
    "remediation",
    "route_to_team",
)
_VALUES: Mapping[Metric, tuple[float, float, float]] = {
    Metric.OVERRIDE_RATE: (0.0812, 0.0694, 0.0947),
    Metric.APPROVE_RATE: (0.8731, 0.8519, 0.8917),
    Metric.MODIFY_RATE: (0.0523, 0.0431, 0.0633),
    Metric.REJECT_RATE: (0.0289, 0.0222, 0.0375),
    Metric.PASSED_ON_RATE: (0.0457, 0.0369, 0.0564),
    Metric.TIMEOUT_RATE: (0.0113, 0.0071, 0.0178),
    Metric.REVIEWER_AGREEMENT: (0.9149, 0.9011, 0.9272),
    Metric.ESCALATION_RATE: (0.2716, 0.2598, 0.2837),
    Metric.SYNC_REVIEW_RATE: (0.2641, 0.2524, 0.2761),
    Metric.AUTO_RESOLVE_RATE: (0.7084, 0.6962, 0.7203),
    Metric.ESCALATIONS_PER_10000: (312.4, 271.8, 358.6),
    Metric.ERROR_ESCAPE_RATE: (0.0213, 0.0152, 0.0299),
    Metric.LABELLED_ERROR_RATE: (0.0541, 0.0436, 0.0669),
    Metric.DETECTION_RATE: (0.7381, 0.6312, 0.8226),
    Metric.DETECTED_ESCAPE_RATE: (0.0289, 0.0187, 0.0463),
    Metric.REVIEW_SECONDS_MEDIAN: (62.4, 58.9, 66.2),
    Metric.REVIEW_SECONDS_P95: (341.7, 312.3, 388.8),
    Metric.REVIEW_SECONDS_GEOMETRIC_MEAN: (68.3, 61.4, 75.9),
    Metric.WAIT_SECONDS_MEDIAN: (734.0, 689.0, 781.0),
    Metric.WAIT_SECONDS_P95: (9_120.0, 8_340.0, 10_870.0),
    Metric.SATISFACTION: (0.684, 0.641, 0.727),
    Metric.PRECISION: (0.9333, 0.9102, 0.9514),
    Metric.RECALL: (0.8874, 0.8531, 0.9147),
    Metric.REVIEW_PRECISION: (0.1372, 0.1183, 0.1586),
    Metric.REVIEW_RECALL: (0.6518, 0.5627, 0.7315),
    Metric.WEIGHTED_FALSE_POSITIVES: (0.312, 0.247, 0.391),
    Metric.COST_PER_CORRECTED: (14.37, 12.28, 16.94),
    Metric.ECE: (0.0312, 0.0221, 0.0473),
    Metric.SPIEGELHALTER_Z: (0.87, -1.0, 2.7),
    Metric.CALIBRATION_SLOPE: (0.942, 0.863, 1.021),
    Metric.CALIBRATION_INTERCEPT: (-0.083, -0.214, 0.048),
    Metric.AUC: (0.764, 0.728, 0.797),
    Metric.OUTCOME_LOG_ODDS: (0.43, 0.11, 0.75),
    Metric.BAD_IF_OVERRIDDEN: (0.1173, 0.0893, 0.1527),
    Metric.BAD_IF_APPROVED: (0.0796, 0.0681, 0.0929),
}
_REASON = "only 61.9 % of 1,234 decisions name the model that answered; the floor is 80 %"


def a_measured(metric: Metric, n: int, factor: float = 1.0, reason: str = "") -> Measured:
    value, low, high = _VALUES[metric]
    wider = (5_000 / max(n, 1)) ** 0.5
    return Measured(
        metric=metric,
        stand=Stand.MEASURED,
        reason=reason,
        unit=unit_of(metric),
        value=value * factor,
        low=_inside(metric, value * factor - (value - low) * wider),
        high=_inside(metric, value * factor + (high - value) * wider),
        method="Wilson interval by reviewer, 12 reviewers",
        k=round(value * n) if 0 <= value <= 1 else None,
        n=n,
        population=n + 17,
        unattributed=17 / (n + 17),
    )


def a_refused(metric: Metric, n: int = 764, reason: str = _REASON) -> Measured:
    return Measured(
        metric=metric,
        stand=Stand.REFUSED,
        reason=reason,
        unit=unit_of(metric),
        n=n,
        population=1_234,
        unattributed=(1_234 - n) / 1_234,
    )


def a_group(
    by: Mapping[str, str | None],
    n: int,
    factor: float = 1.0,
    refused: Iterable[Metric] = (),
    calibration: Calibration | None = None,
) -> Group:
    skip = set(refused)
    typed = {Metric.PRECISION, Metric.RECALL}
    metrics = [one for one in Metric if "action_type" in by or one not in typed]
    return Group(
        by=dict(by),
        n=n,
        measures=tuple(
            a_refused(one, n // 3) if one in skip else a_measured(one, n, factor) for one in metrics
        ),
        calibration=calibration,
    )


def a_calibration(shift: float = 0.0, *, is_miscalibrated: bool | None = False) -> Calibration:
    bins = []
    for tenth, n in enumerate((0, 0, 23, 61, 118, 240, 512, 1_004, 1_921, 2_388)):
        said = tenth / 10 + 0.052
        right = min(said + shift * said, 1.0)
        if n:
            bins.append(
                ReliabilityBin(
                    low=tenth / 10,
                    high=(tenth + 1) / 10,
                    n_decisions=n,
                    n=n // 4,
                    said=said,
                    right=right,
                    right_low=max(0.0, right - 0.9 / n**0.5),
                    right_high=min(1.0, right + 0.8 / n**0.5),
                )
            )
    unlabelled = ReliabilityBin(low=0.1, high=0.2, n_decisions=9, n=0, said=0.151)
    return Calibration(
        bins=(unlabelled, *bins),
        error=0.0312 if not is_miscalibrated else 0.0918,
        null_low=0.0121,
        null_high=0.0404,
        is_miscalibrated=is_miscalibrated,
        note="labels are of 1,561 of 6,276 decisions",
    )


def a_baseline() -> Baseline:
    detect = (Metric.DETECTION_RATE, Metric.DETECTED_ESCAPE_RATE)
    groups = [a_group({}, 6_276, calibration=a_calibration())]
    groups += [
        a_group({"resolved_model": MODELS[0]}, 3_911, 0.9, calibration=a_calibration(-0.02)),
        a_group({"resolved_model": MODELS[1]}, 2_214, 1.06, detect, a_calibration(-0.14, is_miscalibrated=True)),
        a_group({"resolved_model": None}, 151, 1.02, Metric),
    ]  # fmt: skip
    sizes = (2_310, 890, 204, 61, 2_811)
    factors = (0.6, 1.02, 1.04, 0.3, 0.95)
    groups += [
        a_group({"action_type": name}, n, factor)
        for name, n, factor in zip(ACTIONS, sizes, factors, strict=True)
    ]
    groups += [
        a_group({"reviewer_pool": name}, n) for name, n in (("triage", 1_320), ("experts", 344))
    ]
    groups += [a_group({"reviewer_pool": None}, 12, 1.0, Metric)]
    lanes = (("auto", 3_380), ("audit", 1_192), ("queue", 1_508), ("escalate", 196))
    groups += [a_group({"lane": name}, n, 1.02) for name, n in lanes]
    groups += [
        a_group({"resolved_model": model, "action_type": name}, n // (2 + at), 0.98, detect)
        for at, model in enumerate(MODELS)
        for name, n in zip(ACTIONS, sizes, strict=True)
    ]
    return Baseline(
        format="hitl/baseline/v1",
        hitl_version="0.4.0",
        created_at="2026-07-20T00:00:00Z",
        log=a_log(),
        confidence=0.95,
        coverage_floor=0.8,
        seed=20_260_720,
        policy="4",
        hourly_cost_usd=43.5,
        targets=some_targets(),
        groups=tuple(groups),
        n_groups_left_out=3,
    )


def a_log() -> LogPart:
    return LogPart(
        sources=("manifests/incident-triage/decisions.parquet",),
        n=6_276,
        n_aside=14,
        n_seeded=84,
        first_day="2026-05-01",
        last_day="2026-06-30",
        attribution=(
            Attribution(key="resolved_model", n=6_125, population=6_276, is_enough=True),
            Attribution(key="reviewer_id", n=1_011, population=1_664, is_enough=False),
            Attribution(key="lane", n=6_276, population=6_276, is_enough=True),
            Attribution(key="review_probability", n=4_519, population=4_572, is_enough=True),
        ),
        models=(
            ModelPart(resolved_model=MODELS[0], n=3_911, first_day="2026-05-01", last_day="2026-06-17", is_alias=False),
            ModelPart(resolved_model=MODELS[1], n=2_014, first_day="2026-06-18", last_day="2026-06-30", is_alias=False),
            ModelPart(resolved_model="acme/model-latest", n=200, first_day="2026-06-18", last_day="2026-06-18", is_alias=True),
            ModelPart(resolved_model=None, n=151, first_day="2026-05-02", last_day="2026-06-29", is_alias=False),
        ),
    )  # fmt: skip


def some_targets() -> tuple[TargetPart, ...]:
    return (
        TargetPart(name="escalation_rate", at_least=0.15, at_most=0.30, value=0.2716, low=0.2598, high=0.2837, n=6_276, met=Met.MET),
        TargetPart(name="auto_resolve_rate", at_least=0.70, at_most=0.85, value=0.7084, low=0.6962, high=0.7203, n=6_276, met=Met.UNDECIDED, reason="the interval reaches below 70 %"),
        TargetPart(name="error_escape_rate", at_most=0.02, value=0.0213, low=0.0152, high=0.0299, n=1_561, met=Met.UNDECIDED, reason="the interval reaches above 2 %; more labels of decisions that ran alone would decide it"),
        TargetPart(name="review_latency_p95_minutes", at_most=5.0, value=5.695, low=5.205, high=6.48, n=1_584, met=Met.MISSED),
        TargetPart(name="reviewer_agreement", at_least=0.85, value=0.9149, low=0.9011, high=0.9272, n=1_512, met=Met.MET),
        TargetPart(name="feedback_used_within_days", at_most=31.0, n=0, met=Met.UNMEASURED, reason="the log has no column of versions: workflow_version, prompt_version or prompt_hash"),
    )  # fmt: skip


def an_empty_baseline() -> Baseline:
    """Everything refused: nothing in the log can be attributed."""
    targets = tuple(
        TargetPart(name=one.name, at_least=one.at_least, at_most=one.at_most, n=0, met=Met.UNMEASURED, reason=f"{one.name}: {_REASON}")
        for one in some_targets()
    )  # fmt: skip
    return a_baseline().model_copy(
        update={
            "log": LogPart(sources=(), n=1_234, n_aside=0, n_seeded=0),
            "policy": None,
            "hourly_cost_usd": None,
            "targets": targets,
            "groups": (
                a_group(
                    {}, 1_234, refused=Metric, calibration=Calibration(bins=(), note="no label")
                ),
                a_group({"resolved_model": None}, 1_234, refused=Metric),
            ),
            "n_groups_left_out": 0,
        }
    )


def a_hostile_baseline() -> Baseline:
    """Every text of the log tries to be something else."""
    bad = a_baseline()
    groups = [bad.groups[0]]
    for name in HOSTILE:
        groups += [
            a_group({"resolved_model": name}, 40, calibration=a_calibration()),
            a_group({"action_type": name}, 40),
            a_group({"resolved_model": name, "action_type": name}, 20),
        ]
    first = groups[0].measures[0].model_copy(update={"reason": HOSTILE[0], "method": HOSTILE[1]})
    groups[0] = groups[0].model_copy(update={"measures": (first, *groups[0].measures[1:])})
    log = bad.log.model_copy(
        update={
            "sources": HOSTILE,
            "first_day": HOSTILE[0],
            "attribution": tuple(
                Attribution(key=name, n=3, population=4, is_enough=False) for name in HOSTILE
            ),
            "models": tuple(
                ModelPart(resolved_model=name, n=9, first_day=name, last_day=name, is_alias=True)
                for name in HOSTILE
            ),
        }
    )
    targets = tuple(
        one.model_copy(update={"name": name, "reason": name})
        for one, name in zip(bad.targets, HOSTILE, strict=True)
    )
    return bad.model_copy(
        update={"log": log, "groups": tuple(groups), "targets": targets, "policy": HOSTILE[0], "created_at": HOSTILE[1], "hitl_version": HOSTILE[2]}
    )  # fmt: skip


def a_baseline_of_many_groups(n: int, name: str = "group") -> Baseline:
    base = a_baseline()
    keys = ("resolved_model", "action_type", "reviewer_pool", "lane")
    singles = [
        a_group({key: f"{name}-{at}"}, 900 - at, calibration=a_calibration())
        for key in keys
        for at in range(n // 8)
    ]
    pairs = [
        a_group({keys[0]: f"{name}-{at % 7}", key: f"{name}-{at // 7}"}, 400 - at)
        for key in keys[1:]
        for at in range((n - len(singles)) // 3)
    ]
    return base.model_copy(update={"groups": (base.groups[0], *singles, *pairs)})


def _inside(metric: Metric, value: float) -> float:
    if metric is Metric.OUTCOME_LOG_ODDS or metric.value.startswith(("spiegel", "calibration_i")):
        return value
    ceiling = 1.0 if unit_of(metric).value == "share" else 1e9
    return min(max(value, 0.0), ceiling)
