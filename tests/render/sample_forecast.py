"""Forecasts in the situations that people meet, built by hand."""

from hitl.gate.verdict_words import State
from hitl.manifest.forecast import Setting
from hitl.manifest.gate_class import Authority
from hitl.recalibrate.forecast.parts import (
    GROWS,
    Break,
    Forecast,
    HourForecast,
    Outlook,
    PoolForecast,
    Range,
)
from hitl.record.forecast_parts import ForecastGate, ProofPart, RecalibrationPart, ThresholdMove
from hitl.record.parts import RulePart
from hitl.record.release import ReleaseRecord
from tests.render.sample_hold import a_hold
from tests.render.sample_parts import HOSTILE

_DAY = (2, 1, 1, 1, 2, 4, 9, 18, 27, 31, 30, 26, 22, 27, 30, 29, 26, 20, 14, 10, 8, 6, 4, 3)
"""Decisions an hour, hour by hour."""


def a_range(estimate: float, low: float, high: float) -> Range:
    return Range(estimate=estimate, low=low, high=high)


def unsaid(reason: str) -> Range:
    return Range(estimate=None, low=None, high=None, reason=reason)


def an_hour(hour: int, load: float, room: float) -> HourForecast:
    """A pool that carries `room` an hour; from there on its queue grows."""
    share = load / room
    queue = share**3 / (1 - share) if share < 1 else None
    wait = None if queue is None else round(60 * queue / load, 3)
    return HourForecast(hour=hour, arrivals=load, queue=queue, p95_wait_minutes=wait)


def a_pool(
    name: str | None, factor: float, room: float, sla: float | None = 60.0, **parts: object
) -> PoolForecast:
    hours = tuple(an_hour(hour, load * factor, room) for hour, load in enumerate(_DAY))
    top = max(hours, key=lambda one: one.arrivals)
    week = sum(one.arrivals for one in hours) * 7
    work = top.arrivals / room
    values: dict[str, object] = {
        "pool": name,
        "per_week": a_range(week, week * 0.9, week * 1.1),
        "hours_per_week": a_range(week / 40, week / 45, week / 35),
        "utilisation": a_range(work, work * 0.92, work * 1.09),
        "queue": a_range(top.queue, top.queue * 0.6, top.queue * 1.9) if top.queue is not None else unsaid(f"{GROWS}, at the lower end too"),
        "p95_wait_minutes": a_range(top.p95_wait_minutes, top.p95_wait_minutes * 0.6, top.p95_wait_minutes * 1.9) if top.p95_wait_minutes is not None else unsaid(f"{GROWS}, at the lower end too"),
        "sla_minutes": sla,
        "busiest": "Mon 09:00",
        "breaks_sla": top.p95_wait_minutes is None or (sla is not None and top.p95_wait_minutes > sla),
        "by_hour": hours,
    }  # fmt: skip
    return PoolForecast.model_validate(values | parts)


def an_outlook(setting: Setting | None, scale: float = 1.0, **parts: object) -> Outlook:
    values: dict[str, object] = {
        "setting": setting,
        "policy_version": "4",
        "thresholds": {"annotate_incident": 0.7, "route_to_team": 0.85, "remediation": "never"},
        "lanes": {
            "auto": a_range(0.6, 0.57, 0.63),
            "audit": a_range(0.1, 0.08, 0.12),
            "queue": a_range(0.2, 0.18, 0.22),
            "escalate": a_range(0.1, 0.09, 0.12),
        },
        "override_rate": a_range(0.04 * scale, 0.033 * scale, 0.049 * scale),
        "escalation_rate": a_range(0.1, 0.09, 0.12),
        "auto_resolve_rate": a_range(0.7, 0.67, 0.73),
        "error_escape_rate": a_range(0.011 * scale, 0.006 * scale, 0.019 * scale),
        "reviews_per_week": a_range(1204 * scale, 1150 * scale, 1290 * scale),
        "reviewer_hours_per_week": a_range(31.2 * scale, 29.0 * scale, 34.1 * scale),
        "cost_usd_per_week": a_range(1840.0, 1790.0, 1901.0),
        "pools": (a_pool("triage", scale, 72), a_pool("experts", 0.15, 8, 240.0)),
    }
    return Outlook.model_validate(values | parts)


def a_forecast(**parts: object) -> Forecast:
    """Nothing breaks."""
    values: dict[str, object] = {
        "headline": "Nothing that the policy promises would break.",
        "confidence": 0.9,
        "method": "Replies of both arms under the policy, weighted to the traffic.",
        "sources": ("decisions.parquet",),
        "sources_digest": "d" * 64,
        "n_traffic": 4031,
        "weeks": 4.0,
        "n_cases": 248,
        "n_clusters": 246,
        "covered_share": 0.97,
        "observed": an_outlook(None),
        "previous": an_outlook(None),
        "outlooks": tuple(an_outlook(setting) for setting in Setting),
        "breaks": (),
        "notes": ("notify_customers: 3 % of the traffic, kept as observed.",),
    }
    return Forecast.model_validate(values | parts)


def a_spike(**parts: object) -> Forecast:
    """The candidate as things are would flood one pool; a recalibration would do, and holding too."""
    wait = a_range(31.0, 18.0, 75.0)
    flooded = an_outlook(Setting.AS_IT_IS, 3.1)
    breaks = (
        Break(
            setting=Setting.AS_IT_IS,
            measure="p95_wait_minutes",
            pool="triage",
            limit=60.0,
            value=unsaid(f"{GROWS}, at the lower end too"),
            before=a_range(4.0, 3.1, 5.5),
            is_certain=True,
            message="triage: more comes at Mon 09:00 than 4 people can do; p95 wait 4 min -> no end (SLA 60 min)",
        ),
        Break(
            setting=Setting.AS_IT_IS,
            measure="error_escape_rate",
            limit=0.02,
            value=a_range(0.034, 0.018, 0.059),
            before=a_range(0.011, 0.006, 0.019),
            is_certain=False,
            message="errors that escape: 1.1 → 3.4 % (1.8 to 5.9 %), target at most 2 %",
        ),
    )
    values: dict[str, object] = {
        "headline": f"triage queue × 3.1; p95 wait 4 min → {wait.estimate:g} min and growing (SLA 60 min)",
        "outlooks": (
            flooded,
            an_outlook(Setting.RECALIBRATED, 1.4, policy_version="5"),
            an_outlook(
                Setting.HELD,
                1.2,
                policy_version="4",
                thresholds={"annotate_incident": 0.55, "route_to_team": 0.61, "remediation": "never"},
            ),
        ),
        "breaks": breaks,
    }  # fmt: skip
    return a_forecast(**(values | parts))


def an_unforetold(reason: str = "the release names no policy") -> Forecast:
    nothing = {"n_traffic": 0, "weeks": None, "n_cases": 0, "n_clusters": 0, "covered_share": 0.0}
    empty = {"observed": None, "previous": None, "outlooks": (), "notes": (), "sources": ()}
    return a_forecast(headline=f"Not known: {reason}", unmeasured=reason, **nothing, **empty)


def a_forecast_gate(state: State = State.FAIL, authority: Authority = Authority.BLOCK) -> ForecastGate:  # fmt: skip
    rule = RulePart(
        rule="forecast.override_rate.max_ratio",
        authority=authority,
        value=3.1,
        limit=1.2,
        state=state,
        n=248,
        low=2.1,
        high=4.6,
        message="above the limit: 3.1 [2.1, 4.6] at 95% a side (n = 248 cases, projected onto 4031 decisions), limit 1.2",
    )
    return ForecastGate(authority=authority, state=state, reason=f"{rule.rule}: {rule.message}", rules=(rule,))  # fmt: skip


def a_recalibration(unused: str = "") -> RecalibrationPart:
    proof = ProofPart(
        target=0.02, delta=0.05, upper=0.0187, n=1204, k=13, method="exact binomial, fixed sequence",
        data_digest="e" * 64, valid_until="2027-02-18T14:05:00+00:00",
    )  # fmt: skip
    return RecalibrationPart(
        path="recalibration.json",
        sha256="f" * 64,
        model="scripted/triage-2026-05-18",
        policy_version="4",
        new_version="5",
        policy_digest="c" * 64,
        created_at="2026-11-20T14:05:00+00:00",
        loosens=True,
        unused=unused,
        moves=(
            ThresholdMove(action_type="annotate_incident", state="certified", direction="gains", before=0.7,
                after=0.62, reason="13 wrong of 1,204 at or above 0.62.", proof=proof),
            ThresholdMove(action_type="route_to_team", state="uncertified", direction="loses", before=0.85,
                after="never", reason="no threshold passed; about 900 labels more would settle it.", proof=None,
                suggestions=("route incidents with thin evidence to experts",)),
            ThresholdMove(action_type="remediation", state="closed", direction="none", before=1.0,
                after=None, reason="a person decides first whatever the confidence.", proof=None),
        ),
    )  # fmt: skip


def a_flooded() -> ReleaseRecord:
    """A hold whose candidate would flood one pool, with a recalibration."""
    parts = {
        "forecast": a_spike(),
        "forecast_gates": (a_forecast_gate(),),
        "recalibration": a_recalibration(),
    }
    return a_hold().model_copy(update=parts).sealed()


def a_hostile_forecast() -> ReleaseRecord:
    """The same, with every name and reason of a log attacking the reader."""
    pools = (a_pool(HOSTILE[:80], 4.0, 72), a_pool("w" * 200, 1.0, 72))
    thresholds = {HOSTILE[:80]: 0.5, "t" * 200: 0.7}
    now = an_outlook(Setting.AS_IT_IS, pools=pools, thresholds=thresholds, policy_version=HOSTILE)
    forecast = a_spike(outlooks=(now,), notes=(HOSTILE, "n" * 500), headline=HOSTILE)
    update = {"forecast": forecast, "recalibration": a_recalibration(HOSTILE)}
    return a_flooded().model_copy(update=update).sealed()
