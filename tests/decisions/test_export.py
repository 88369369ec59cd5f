import csv
import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from hitl.decisions.exchange.reviewers import Pseudonyms
from hitl.decisions.export import Exported, ExportPlan, export_log
from hitl.decisions.redaction.redact import Redactor
from hitl.decisions.redaction.redact_policy import RedactPolicy
from hitl.decisions.source import open_log
from hitl.errors import DocumentError, UsageError

AT = datetime(2026, 6, 1, tzinfo=UTC)
KEY = b"a key of the test, long enough"
ROWS: list[dict[str, object]] = [
    {"decision_id": "d1", "at": "2026-05-01T10:00:00Z", "reviewer_id": "bo@example.com", "correct": True},
    {"decision_id": "d2 for ana@example.com", "at": "2026-05-10T10:00:00.5Z", "reviewer_id": "bo@example.com",
     "action_type": "refund +49 30 1234567"},
    {"decision_id": "d3", "at": "2026-05-31T23:59:59Z", "reviewer_id": "ana", "confidence": 0.5, "ticket_text": "x"},
    {"decision_id": "d4", "reviewer_id": "ana"},
]  # fmt: skip


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def plan(policy: RedactPolicy | None = None, **changed: object) -> ExportPlan:
    return ExportPlan(Redactor(policy), Pseudonyms(KEY), **changed)  # type: ignore[arg-type]


def export(log: Path, out: Path, how: ExportPlan | None = None) -> tuple[Exported, str]:
    with open_log([str(log)], AT) as opened:
        exported = export_log(opened, how or plan(), out)
    return exported, out.read_text() if out.suffix in (".jsonl", ".csv") else ""


def rows(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_nothing_personal_leaves(log: Path, tmp_path: Path) -> None:
    exported, text = export(log, tmp_path / "out.jsonl")

    assert "example.com" not in text
    assert "1234567" not in text
    assert '"ana"' not in text
    assert exported.redacted == (("email", 1), ("phone", 1))
    assert rows(text)[1]["action_type"] == "refund [phone]"


def test_one_person_has_one_pseudonym_and_two_people_have_two(log: Path, tmp_path: Path) -> None:
    exported, text = export(log, tmp_path / "out.jsonl")

    people = [str(row["reviewer_id"]) for row in rows(text)]
    assert people[0] == people[1] != people[2] == people[3]
    assert all(re.fullmatch(r"reviewer-[0-9a-f]{16}", one) for one in people)
    assert exported.pseudonyms == 2


def test_one_key_joins_exports_and_another_does_not(log: Path, tmp_path: Path) -> None:
    _, first = export(log, tmp_path / "a.jsonl")
    _, again = export(log, tmp_path / "b.jsonl")
    other = ExportPlan(Redactor(), Pseudonyms(b"another key that is long"))
    _, apart = export(log, tmp_path / "c.jsonl", other)

    assert first == again
    assert rows(first)[0]["reviewer_id"] != rows(apart)[0]["reviewer_id"]


def test_an_id_with_personal_data_stays_an_id_of_its_own(log: Path, tmp_path: Path) -> None:
    _, text = export(log, tmp_path / "out.jsonl")

    ids = [str(row["decision_id"]) for row in rows(text)]
    assert ids[0] == "d1"
    assert re.fullmatch(r"decision-[0-9a-f]{16}", ids[1])


def test_an_id_that_is_a_sentence_does_not_leave_since_nobody_sees_the_names_in_it(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log.jsonl"
    ids = ("refund for Anna Schmidt", "refund\u00a0for\u00a0Bo", "t-1/2026:7")
    log.write_text("".join(json.dumps({"decision_id": one}) + "\n" for one in ids))

    exported, text = export(log, tmp_path / "out.jsonl")

    left = [str(row["decision_id"]) for row in rows(text)]
    assert left[2] == "t-1/2026:7"
    assert all(re.fullmatch(r"decision-[0-9a-f]{16}", one) for one in left[:2])
    assert len(set(left)) == 3
    assert exported.redacted == (("free_text_id", 2),)


def test_reviewers_stay_when_that_is_asked_and_the_rest_is_still_redacted(
    log: Path, tmp_path: Path
) -> None:
    exported, text = export(log, tmp_path / "out.jsonl", plan(keeps_reviewers=True))

    assert rows(text)[0]["reviewer_id"] == "bo@example.com"
    assert "1234567" not in text
    assert exported.pseudonyms == 0


def test_the_policy_says_what_else_is_taken_out(log: Path, tmp_path: Path) -> None:
    policy = RedactPolicy(words=("refund",))

    _, text = export(log, tmp_path / "out.jsonl", plan(policy))

    assert rows(text)[1]["action_type"] == "[word] [phone]"


def test_rows_that_are_too_old_or_of_unknown_age_stay_behind(log: Path, tmp_path: Path) -> None:
    how = plan(since=datetime(2026, 5, 10, tzinfo=UTC), until=datetime(2026, 5, 31, tzinfo=UTC))

    exported, text = export(log, tmp_path / "out.jsonl", how)

    assert [row["at"] for row in rows(text)] == ["2026-05-10T10:00:00.500000Z"]
    assert (exported.too_old, exported.too_new, exported.undated, exported.rows_out) == (1, 1, 1, 1)


def test_the_moment_of_the_limit_itself_leaves_and_that_of_the_end_does_not(
    log: Path, tmp_path: Path
) -> None:
    start = datetime(2026, 5, 1, 10, tzinfo=UTC)

    exported, _ = export(log, tmp_path / "a.jsonl", plan(since=start, until=start + timedelta(seconds=1)))  # fmt: skip
    assert exported.rows_out == 1
    with pytest.raises(UsageError, match="none of 4 rows lies in the time"):
        export(log, tmp_path / "b.jsonl", plan(until=start))
    assert not (tmp_path / "b.jsonl").exists()


def test_columns_that_hitl_does_not_know_never_leave(log: Path, tmp_path: Path) -> None:
    exported, text = export(log, tmp_path / "out.jsonl")

    assert "ticket_text" not in text
    assert exported.unused == ("ticket_text",)


def test_only_the_columns_that_are_asked_for_leave(log: Path, tmp_path: Path) -> None:
    exported, text = export(log, tmp_path / "out.jsonl", plan(columns=("correct", "at")))

    assert exported.columns == ("at", "correct")
    assert {name for row in rows(text) for name in row} == {"at", "correct"}
    with pytest.raises(UsageError, match="has no column lane; it has decision_id"):
        export(log, tmp_path / "b.jsonl", plan(columns=("lane",)))


def test_no_cell_of_a_csv_file_begins_a_formula(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    starts = (
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\tx",
        "\rx",
        "\n=1",
        "\uff1d1+1",
        "\uff0b1",
        "\uff0d1",
        "\uff20x",
    )
    log.write_text(
        "".join(
            json.dumps({"decision_id": f"d{n}", "action_type": text}) + "\n"
            for n, text in enumerate(starts)
        )
    )

    export(log, tmp_path / "out.csv")

    with (tmp_path / "out.csv").open(newline="") as stream:
        cells = [row["action_type"] for row in csv.DictReader(stream)]
    assert cells == [f"'{text}" for text in starts]


@pytest.mark.parametrize(
    "name", ["out.jsonl", "out.jsonl.gz", "out.csv", "out.csv.gz", "out.parquet"]
)
def test_every_form_can_be_read_again(log: Path, tmp_path: Path, name: str) -> None:
    export(log, tmp_path / name)

    with open_log([str(tmp_path / name)], AT) as opened:
        found = opened.rows(
            "SELECT decision_id, at_us, confidence, correct FROM decisions ORDER BY at_us NULLS LAST"
        )
    assert found[0][0] == "d1"
    assert [row[1:] for row in found] == [
        (1_777_629_600_000_000, None, True),
        (1_778_407_200_500_000, None, None),
        (1_780_271_999_000_000, 0.5, None),
        (None, None, None),
    ]


def test_the_same_rows_give_the_same_packed_bytes(log: Path, tmp_path: Path) -> None:
    export(log, tmp_path / "a.jsonl.gz")
    export(log, tmp_path / "b.jsonl.gz")

    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()).count(b"\n") == 4


def test_parquet_keeps_types(log: Path, tmp_path: Path) -> None:
    export(log, tmp_path / "out.parquet")

    written = duckdb.read_parquet(str(tmp_path / "out.parquet"))
    types = dict(zip(written.columns, map(str, written.types), strict=True))
    assert types["at"] == "TIMESTAMP WITH TIME ZONE"
    assert (types["correct"], types["confidence"]) == ("BOOLEAN", "DOUBLE")


def test_a_value_that_cannot_be_used_stops_the_export_and_is_shown_without_personal_data(
    log: Path, tmp_path: Path
) -> None:
    log.write_text(json.dumps({"decision_id": "d1", "lane": "ask bo@example.com"}))

    with pytest.raises(DocumentError) as caught:
        export(log, tmp_path / "out.jsonl")

    assert "unknown words" in str(caught.value)
    assert "'ask [email]' (1)" in str(caught.value)
    assert not (tmp_path / "out.jsonl").exists()


def test_a_pseudonym_is_no_plain_hash() -> None:
    one, other = Pseudonyms(b"x" * 16), Pseudonyms(b"y" * 16)

    assert one.of("reviewer", "bo") != other.of("reviewer", "bo")
    assert one.of("reviewer", "bo") != one.of("decision", "bo").replace("decision", "reviewer")
    assert "x" * 16 not in repr(one)
