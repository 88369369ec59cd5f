"""Rows on which SQL engines could disagree, each written as text."""

from math import exp

from hitl.decisions.schema import COLUMNS

NAMES = [column.name for column in COLUMNS]
CONFIDENCES = ["0", "-0.0", "0.07", "0.28999999", "0.29", "0.2900000000000001", "0.57", "0.58", "0.9999999999",
               "1", "1.0", "1e-9", "5E-1", ".5", "+0.3", "00.70"]  # fmt: skip
SECONDS = ["0", "0.0004999", "0.0005", "1.2345", "2.0005", "1.9995", "1.999", "2", "31622400", "0.1", "86399.9995",
           *(f"{round(exp(b / 20) - 1 + up) / 1000}" for b in range(0, 340, 9) for up in (-0.5, 0.5)
             if exp(b / 20) - 1 + up > 0)]  # fmt: skip
ZONED = ["2026-05-01T10:00:00Z", "2026-05-01T23:59:59.999999Z", "2026-05-01T23:59:59.9999999Z", "2026-05-02T00:00Z",
         "2026-05-02 01:30:00+02:00", "2026-05-02T01:30:00.5-0930", "2026-05-02T01:30:00+0545", "2026-05-02T13:00:00+14",
         "2024-02-29T00:00:00.123456789-01", "2015-01-01T00:00:00Z", "2026-11-01T00:04:59Z"]  # fmt: skip
LOCAL = ["2026-03-29 01:59:59", "2026-03-29 02:30:00", "2026-03-29 03:00:00", "2026-10-25 01:30:00",
         "2026-10-25 02:00:00", "2026-10-25 02:30:00.5", "2026-10-25 03:00:00", "2026-05-01", "2026-05-02T00:30"]  # fmt: skip
"""Clocks of Berlin: one that is skipped in March, one that comes twice in October."""
WORDS = ["restart", "Restart", "RESTART", "_restart", "restart ", " restart", "réstart", "re'start", 're"start',
         "re\\start", "re%start", "{0}", "re\nstart", "zebra", "Ähre", "ahre", "1.10", "=1+1", "NULL", "ﬀ"]  # fmt: skip
"""Texts that collations order, fold or take for something else."""


def rows() -> list[dict[str, str]]:
    """Return rows that walk through every list side by side."""
    return [_row(number) for number in range(240)]


def _row(number: int) -> dict[str, str]:
    def one(values: list[str], step: int = 1) -> str:
        return values[number * step % len(values)]

    row = dict.fromkeys(NAMES, "")
    row |= {
        "decision_id": f"d-{number}",
        "at": one([*ZONED, *LOCAL]),
        "decided_at": one([*LOCAL, *ZONED, ""]),
        "action_type": one([*WORDS, ""]),
        "right_action_type": one([*WORDS, "", ""], 3),
        "resolved_model": one(["acme/b-2", "acme/B-1", "acme/a-10", ""]),
        "declared_model": one(["acme/latest", ""]),
        "confidence": one([*CONFIDENCES, ""]),
        "risk": one(["low", "medium", "high", "critical", ""]),
        "lane": one(["auto", "audit", "queue", "escalate", ""]),
        "reviewer_pool": one(["sre", "Sre", ""]),
        "reviewer_id": one(["r1", "R1", "r10", "r2", ""]),
        "human_action": one(["ok", "modify", "reject", "escalate", "timeout", "none", ""]),
        "review_seconds": one([*SECONDS, ""]),
        "wait_seconds": one([*SECONDS, ""], 5),
        "correct": one(["true", "FALSE", "True", "false", ""]),
        "outcome": one(["good", "bad", ""]),
        "severity": one(["low", "critical", ""]),
        "cost_usd": one(["0.0000005", "0.25", "0.0000015", "1000000", ""]),
        "latency_ms": one(["0.5", "1.5", "2.5", "399.4999999", ""]),
        "review_probability": one(["0.0005", "0.05", "0.0125", "1", ""]),
        "satisfaction": one(["1", "3", "4.5", "5", ""]),
        "seeded_error": one(["true", "false", ""]),
        "policy_outcome": one(["allow", "block", ""]),
        "schema_valid": one(["true", ""]),
    }
    return row


WRONG = {
    "at": ["2026-05-01T10:00:00", "2026-05-01", "01/05/2026", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
           "2026-04-31T00:00:00Z", "2026-05-01T24:00:00Z", "2026-05-01T10:60:00Z", "2026-05-01T10:00:60Z",
           "2026-05-01T10:00:00,5Z", "2026-05-01T10:00:00+15", "0000-05-01T10:00:00Z", "2026-13-01T00:00:00Z",
           "2026-11-01T00:05:01Z", "9999-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "2014-12-31T23:59:59Z", "now",
           "infinity", "2026-05-01T10:00:00Z\n", "٢٠٢٦-05-01T10:00:00Z", "1780000000"],
    "confidence": ["1.0000001", "-0.0001", "1e9", "1e99", "1e999", "1e-999", "NaN", "Infinity", "-inf", "0x1", "1_0",
                   "0,5", "1d", "1.f", " 0.5", "٠.٥", "9" * 99, "9" * 101, "--1", ".", "e5"],
    "review_seconds": ["-1", "31622400.1"],
    "correct": ["yes", "1", "t", "ﬀalse", "TRUE "],
    "human_action": ["ok", "Approve", "=cmd|' /C calc'!A0", "approve "],
    "action_type": ["x" * 1001, "é" * 501],
}  # fmt: skip
"""Values that are wrong without a mapping; every other column of the row is right."""


def wrong_rows() -> list[dict[str, str]]:
    """Return one row for each wrong value."""
    values = [(name, value) for name, found in WRONG.items() for value in found]
    sound = dict.fromkeys(NAMES, "") | {"at": "2026-05-01T10:00:00Z", "confidence": "0.5"}
    return [sound | {"decision_id": f"w-{number}", name: value} for number, (name, value) in enumerate(values)]  # fmt: skip
