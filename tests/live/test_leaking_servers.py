"""Servers that put personal data where no answer is, and settings that no server or clock can have."""

import gzip

import pytest

from tests.cli.workspace import Row
from tests.live.arms import NEW, YES, Live
from tests.loopback.server import Loopback

MAIL = "bob.smith@example.com"


def everything(live: Live, capsys: pytest.CaptureFixture[str]) -> str:
    """Return all that a run leaves behind and says."""
    said = capsys.readouterr()
    files = {path: path.read_bytes() for path in live.out.rglob("*") if path.is_file()}
    texts = [gzip.decompress(raw) if path.suffix == ".gz" else raw for path, raw in files.items()]
    return said.out + said.err + b"".join(texts).decode()


def test_a_model_name_that_holds_a_mail_address_is_kept_without_it_and_holds(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    renamed = {"when": {"model": NEW}, "do": "model", "model": f"acme/{MAIL}"}
    with Loopback(rules=[renamed, YES]) as server:
        code = live.serve(server).gate()

    assert code == 10
    assert MAIL not in everything(live, capsys)
    (probe,) = (line for line in live.lines() if "probe" in line and line["probe"]["lane"] == "candidate")  # fmt: skip
    assert probe["probe"]["resolved_model"] == "acme/[email]"
    named = {row["reply"]["resolved_model"] for row in live.replies() if row["lane"] == "candidate"}
    assert named == {"acme/[email]"}


def test_replies_of_a_name_that_was_redacted_are_not_asked_for_again(live: Live) -> None:
    with Loopback(rules=[{"do": "model", "model": f"acme/{MAIL}"}, YES]) as server:
        live.serve(server).run()
        before = server.calls()["total"]
        live.run()

        assert server.calls()["total"] == before


def test_what_a_probe_notes_and_what_metadata_says_is_kept_without_personal_data(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    params = {"params": {"temperature": 0.5}}
    busy = {"when": {"contains": "ready", "after": 2}, "do": "status", "status": 500}
    rules: list[Row] = [busy | {"retry_after": 0.01, "message": f"overload {MAIL}"}, YES]
    models = [{"id": NEW, "root": f"weights of {MAIL}"}]
    with Loopback(rules=rules, models=models) as server:
        live.serve(server, both=params).run()

    text = everything(live, capsys)
    assert MAIL not in text
    probe = next(line["probe"] for line in live.lines() if line.get("probe", {}).get("lane") == "candidate")  # fmt: skip
    assert probe["metadata_identity"] == "weights of [email]"
    assert any("overload [email]" in note for note in probe["notes"])


def test_an_arm_that_cannot_be_asked_is_named_without_personal_data(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = {"do": "status", "status": 400, "message": f"ask {MAIL} for access"}
    with Loopback(rules=[rule]) as server:
        code = live.serve(server).run()

    said = capsys.readouterr().err
    assert code == 12
    assert "cannot be asked" in said
    assert "ask [email] for access" in said
    assert MAIL not in said


@pytest.mark.parametrize("host", ["a" * 300, ".."])
def test_an_address_that_cannot_be_is_an_error_of_the_manifest(
    live: Live, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    with Loopback(rules=[YES]) as server:
        code = live.serve(server, base_url=f"http://{host}:80/v1").run()

    assert code == 2
    assert "base_url" in capsys.readouterr().err


@pytest.mark.parametrize("epoch", ["99999999999999", "²"])
def test_a_time_that_cannot_be_is_an_error_of_usage(
    live: Live,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    epoch: str,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with Loopback(rules=[YES]) as server:
        code = live.serve(server).gate()

    assert code == 2
    assert "SOURCE_DATE_EPOCH" in capsys.readouterr().err


def test_an_arm_that_goes_down_is_named_without_personal_data(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = {"when": {"model": NEW, "contains": "question"}, "do": "401", "message": f"for {MAIL}"}
    with Loopback(rules=[broken, YES]) as server:
        assert live.serve(server).limits(max_attempts=1).run() == 12

    said = everything(live, capsys)
    assert "is down" in said
    assert MAIL not in said
