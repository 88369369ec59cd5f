"""`hitl log compare` as a user calls it."""

import json
import re
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from hitl.cli.door import main
from hitl.cli.log_compare import shown_sources
from hitl.decisions.change.comparison import LogComparison
from hitl.render.baseline import words as words
from tests.decisions.logs import NEW, OLD, SPIKE, Truth, write_log

LONG = replace(SPIKE, rows=8000, days=56, upgrade_day=28)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_log(tmp_path_factory.mktemp("log") / "spike.parquet", LONG)


@pytest.fixture(autouse=True)
def _at_a_fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    monkeypatch.setenv("COLUMNS", "80")


def told(capsys: pytest.CaptureFixture[str]) -> LogComparison:
    return LogComparison.model_validate_json(capsys.readouterr().out)


def override(comparison: LogComparison) -> tuple[float | None, float | None, float | None]:
    found = comparison.metrics[0]
    assert found.metric.value == "override_rate"
    assert found.before is not None
    assert found.after is not None
    return found.before.value, found.after.value, found.crude.value


def test_a_spike_is_found_and_said_in_words(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["log", "compare", str(log)]) == 0

    said = capsys.readouterr()
    text = " ".join(said.out.split())
    assert f"before: {OLD}; 2026-05-01 to 2026-05-28" in text
    assert re.search(r"Override rose from [34]\.\d % to 1[123]\.\d %; (\d\.\d of the \d\.\d points remain with the same mix|with the same mix it is \+\d\.\d pt)", text)  # fmt: skip
    assert "no side was named" in text
    assert "Reviewer satisfaction: before: none of" in text
    assert max(len(line.rstrip()) for line in said.out.splitlines()) <= 80
    assert said.err == ""


def test_a_split_by_date_is_the_same_as_two_periods(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["log", "compare", str(log), "--split", "2026-05-29", "--json"]) == 0
    split = told(capsys)
    periods = ["--before", "2026-05-01..2026-05-28", "--after", "2026-05-29..2026-06-25"]
    assert main(["log", "compare", str(log), *periods, "--json"]) == 0
    both = told(capsys)

    assert split.metrics == both.metrics
    assert split.basis.value == "periods"
    assert (split.before.n + split.after.n, split.n) == (8000, 8000)


def test_models_can_be_named_the_other_way_round(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["log", "compare", str(log), "--json"]) == 0
    forward = told(capsys)
    named = ["--previous", NEW, "--candidate", OLD]
    assert main(["log", "compare", str(log), *named, "--json"]) == 0
    backward = told(capsys)

    first, second = override(forward), override(backward)
    assert (first[0], first[1]) == (second[1], second[0])
    assert first[2] == pytest.approx(-(second[2] or 0))


def test_counts_are_those_of_the_log(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql = f"""SELECT COUNT(*) FILTER (human_action IN ('modify', 'reject')), COUNT(*) FROM '{log}'
        WHERE resolved_model = '{NEW}' AND human_action IN ('approve', 'modify', 'reject', 'escalate')"""  # noqa: S608  # a test's own
    k, n = duckdb.sql(sql).fetchall()[0]

    assert main(["log", "compare", str(log), "--json"]) == 0

    after = told(capsys).metrics[0].after
    assert after is not None
    assert (after.k, after.n, after.value) == (k, n, pytest.approx(k / n))


def test_out_holds_the_document_and_a_page_that_needs_nothing_else(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "reports" / "change"

    assert main(["log", "compare", str(log), "--out", str(out), "--json"]) == 0

    said = capsys.readouterr()
    assert json.loads((out / "comparison.json").read_text()) == json.loads(said.out)
    assert f"wrote {out / 'comparison.json'} and {out / 'index.html'}" in said.err
    comparison = LogComparison.model_validate_json(said.out)
    page = (out / "index.html").read_text()
    assert "default-src 'none'" in page
    assert not re.search(r"<script|https?:|\bon\w+=", page)
    assert page.count("<h1") == 1
    assert all(f">{words.METRICS[one.metric].title}<" in page for one in comparison.metrics)
    assert page.count("not said") >= sum(one.crude.value is None for one in comparison.metrics) > 0
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_order_of_rows_changes_no_byte(log: Path, tmp_path: Path) -> None:
    turned = tmp_path / "turned" / "spike.parquet"
    turned.parent.mkdir()
    duckdb.sql(f"COPY (SELECT * FROM '{log}' ORDER BY HASH(decision_id)) TO '{turned}' (FORMAT parquet)")  # noqa: S608  # a test's own  # fmt: skip
    contents = []
    for number, place in enumerate((log, turned)):
        out = tmp_path / f"{number}"
        assert main(["log", "compare", str(place), "--out", str(out)]) == 0
        contents.append((out / "comparison.json").read_text().replace(str(place), "LOG"))

    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--previous", OLD], "name both models", id="half a choice"),
        pytest.param(["--previous", OLD, "--candidate", OLD], "stands on both sides", id="the same model"),
        pytest.param(["--split", "tomorrow"], "--split: 'tomorrow' is no day", id="no day"),
        pytest.param(["--before", "2026-05-01", "--after", "2026-05-02..2026-05-03"], "is no period; expected FROM..TO", id="no period"),
        pytest.param(["--before", "2026-05-09..2026-05-01", "--after", "2026-05-10..2026-05-11"], "ends before it begins", id="backwards"),
        pytest.param(["--split", "2026-05-10", "--after", "2026-05-10..2026-05-11"], "--split names both periods", id="split and period"),
        pytest.param(["--candidate", "acme/latest", "--previous", OLD], "no decision was answered by 'acme/latest'", id="unknown"),
    ],
)  # fmt: skip
def test_sides_that_cannot_be_told_exit_2(
    log: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["log", "compare", str(log), *arguments]) == 2

    said = capsys.readouterr()
    assert message in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_an_empty_side_exits_12_and_writes_nothing(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"

    assert main(["log", "compare", str(log), "--split", "2026-01-01", "--out", str(out)]) == 12

    assert "no decision stands before" in capsys.readouterr().err
    assert not out.exists()


def test_a_log_of_which_nothing_can_be_said_exits_12(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f'{{"at": "2026-05-0{day}T10:00:00Z", "workflow_id": "w"}}\n' for day in range(1, 9))  # fmt: skip
    (tmp_path / "bare.jsonl").write_text(rows)

    assert main(["log", "compare", str(tmp_path / "bare.jsonl"), "--split", "2026-05-05"]) == 12

    said = capsys.readouterr().out
    assert "Nothing can be compared; the reasons stand below." in said
    assert "Nothing, beyond chance" not in said
    assert "Not said" in said


def test_a_hostile_log_repaints_no_terminal_and_runs_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = "<script>alert(1)</script>\x1b[2J[bold]\u202e"
    rows = [
        json.dumps({
            "at": f"2026-05-{day:02}T10:00:00Z", "resolved_model": f"m{day // 10}-{bad}", "action_type": bad, "confidence": 0.5,
            "reviewer_id": f"r{i}{bad}", "human_action": "approve" if i % 3 else "reject", "lane": "queue",
        })
        for day in range(1, 20) for i in range(5)
    ]  # fmt: skip
    (tmp_path / "bad.jsonl").write_text("\n".join(rows) + "\n")
    out = tmp_path / "out"

    assert main(["log", "compare", str(tmp_path / "bad.jsonl"), "--out", str(out)]) == 0

    said = capsys.readouterr()
    page = (out / "index.html").read_text()
    for text in (said.out, said.err, page):
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_change_of_mix_alone_is_called_mix(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    types = tuple(replace(one, factor=factor) for one, factor in zip(Truth().types, (0.5, 5, 1, 1), strict=True))  # fmt: skip
    truth = replace(LONG, rows=20_000, override_after=0.04, types=types, mix=(0.6, 0.1, 0.2, 0.1), mix_after=(0.1, 0.6, 0.2, 0.1))  # fmt: skip
    log = write_log(tmp_path / "mix.parquet", truth)

    assert main(["log", "compare", str(log), "--json"]) == 0

    found = told(capsys).metrics[0]
    assert found.crude.low is not None
    assert found.crude.low > 0.03
    assert found.split.within is not None
    assert found.split.within.low is not None
    assert found.split.within.high is not None
    assert found.split.within.low < 0 < found.split.within.high
    assert found.split.mix is not None
    assert found.split.mix > 0.05
    assert not any(one.stands for one in found.by_action_type)


@pytest.fixture
def renamed(tmp_path: Path) -> Path:
    path = write_log(tmp_path / "own.parquet", LONG)
    out = tmp_path / "renamed.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * RENAME (human_action AS what), decision_id LIKE '%7' AS is_test FROM '{path}') TO '{out}'"  # noqa: S608  # a test's own
        )
    return out


@pytest.mark.parametrize(
    "said",
    [
        "log: {columns: {human_action: what}}",
        "columns: {human_action: what}",  # the short form of the same
    ],
)
def test_a_policy_says_how_the_log_is_read(
    renamed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], said: str
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(f"format: hitl/policy/v1\nversion: '1'\n{said}\n")

    assert main(["log", "compare", str(renamed), "--policy", str(policy), "--json"]) == 0

    assert override(told(capsys))[2] == pytest.approx(0.08, abs=0.03)


def test_a_mapping_wins_over_a_policy_and_what_it_sets_aside_is_told(
    renamed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy, mapping = tmp_path / "policy.yaml", tmp_path / "mapping.yaml"
    policy.write_text("format: hitl/policy/v1\nversion: '1'\ncolumns: {human_action: nowhere}\n")
    mapping.write_text("columns: {human_action: what}\nonly: {is_test: ['false']}\n")
    with duckdb.connect() as connection:
        aside = connection.execute(
            f"SELECT COUNT(*) FROM '{renamed}' WHERE is_test"  # noqa: S608  # a test's own
        ).fetchall()[0][0]

    args = ["log", "compare", str(renamed), "--policy", str(policy), "--mapping", str(mapping)]
    assert main([*args, "--json"]) == 0

    found = told(capsys)
    assert found.n == 8000 - aside
    assert f"{aside:,} rows are set aside by `only` of the mapping" in found.notes


def test_a_password_in_an_address_is_not_written_into_the_comparison() -> None:
    address = "postgresql://me:secret@host/base?sslpassword=more::decisions"

    assert shown_sources(["a.parquet", address]) == (
        "a.parquet",
        "postgresql://me:***@host/base::decisions",
    )


def test_what_a_log_leaves_open_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = write_log(tmp_path / "own.parquet", replace(LONG, changes=True))
    out = tmp_path / "nameless.parquet"
    chosen = "* REPLACE (CASE WHEN decision_id NOT LIKE '%7' THEN decision_id END AS decision_id, 'for bo@example.com' AS action_type), decision_id AS prompt_hash"  # fmt: skip
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {chosen} FROM '{log}') TO '{out}'")  # noqa: S608  # a test's own

    assert main(["log", "compare", str(out), "--json"]) == 0

    text = capsys.readouterr().out
    found = LogComparison.model_validate_json(text)
    notes = "\n".join(found.notes)
    assert "800 rows have no decision_id" in notes
    assert "2 values of workflow_version, the newest since 2026-05-29" in notes
    assert "2 values of prompt_version" in notes
    assert "prompt_hash" not in notes  # another one in each row is no version
    assert found.metrics[0].by_action_type[0].action_type == "for [email]"
    assert "example.com" not in text


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (
            "SELECT * FROM log UNION ALL SELECT * REPLACE ('again-' || decision_id AS decision_id) FROM log WHERE decision_id LIKE '%7'",
            "800 rows equal another one in all but the id",
        ),
        (
            "SELECT * REPLACE (confidence / 100 AS confidence) FROM log",
            "no confidence lies above 0.02",
        ),
    ],
)
def test_what_hardly_can_be_is_told(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], chosen: str, said: str
) -> None:
    out = tmp_path / "odd.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW log AS SELECT * FROM '{log}'")  # noqa: S608  # a test's own
        connection.execute(f"COPY ({chosen}) TO '{out}'")

    assert main(["log", "compare", str(log), "--json"]) == 0
    assert said not in capsys.readouterr().out
    assert main(["log", "compare", str(out), "--json"]) == 0
    assert said in capsys.readouterr().out


def test_rows_of_one_day_that_are_alike_are_no_twins(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "days.parquet"
    with duckdb.connect() as connection:
        chosen = "SELECT decision_id, DATE_TRUNC('day', \"at\") AS \"at\", resolved_model, human_action, lane"  # fmt: skip
        connection.execute(f"COPY ({chosen} FROM '{log}') TO '{out}'")

    assert main(["log", "compare", str(out), "--json"]) == 0
    assert "equal another one" not in capsys.readouterr().out
