import json
from pathlib import Path

import pytest

from hitl.cli.door import main
from hitl.cli.recalibrate_files import Result, write_policy
from hitl.digest import digest_bytes
from hitl.document.load import load_document
from hitl.errors import UsageError
from hitl.policy.calibrator import Calibrator
from hitl.policy.replay.parts import Replay
from hitl.recalibrate.parts import CertificateFile, Recalibration
from hitl.recalibrate.proposal import PolicyFile, certificate_file, propose
from tests.cli.shop import GAINS, LOSES, NEW, NOTHING, OLD, POLICY, Shop, rows
from tests.cli.workspace import Workspace

SHIPPED = Path(__file__).parents[2] / "manifests" / "incident-triage"


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shop:
    return Shop(tmp_path, capsys)


def test_people_see_what_changes_and_nothing_is_written_until_that_is_asked(shop: Shop) -> None:
    code, said, told = shop.say()

    assert code == 0
    assert "-  refund: {thresholds: {auto: 0.90, review: 0.60}, pool: desk} # money" in said
    assert "+  refund: {thresholds: {auto: 0.97, review: 0.60}, pool: desk} # money" in said
    assert "+  reply:  {thresholds: {auto: 0.65, review: 0.50}, pool: desk}" in said
    assert "run this again with --write" in told
    assert shop.policy.read_text() == POLICY
    assert not shop.certificates.exists()


def test_the_folder_holds_the_proposal_and_its_evidence(shop: Shop) -> None:
    shop.say()

    assert {path.name for path in shop.out.iterdir()} == {
        "recalibration.json", "index.html", "curve.csv", "policy.diff", "replay.json", "certificates.json",
    }  # fmt: skip
    document = shop.document()
    assert [(one.action_type, one.auto, one.proposed) for one in document.types] == [("refund", 0.9, 0.97), ("reply", 0.7, 0.65)]  # fmt: skip
    assert (document.model, document.new_version, document.loosens) == (NEW, "5", True)
    assert document.policy_digest == digest_bytes(POLICY.encode())
    assert document.replay_digest == digest_bytes((shop.out / "replay.json").read_bytes())
    replay = load_document(shop.out / "replay.json", Replay)
    assert [one.version for one in replay.policies] == ["5", "4"]
    # 400 replies with 0.65 run alone now, and 300 refunds with 0.92 no longer do.
    assert [(one.n_laxer, one.n_stricter) for one in replay.comparisons if one.against == "policy"] == [(400, 300)]  # fmt: skip
    assert [one.certificate.replay for one in document.types if one.certificate] == [None, document.replay_digest]  # fmt: skip


def test_write_changes_one_line_each_and_puts_certificates_beside_the_policy(shop: Shop) -> None:
    shop.policy.chmod(0o640)

    code, _, told = shop.say("--write")

    assert code == 0
    assert shop.policy.read_text() == POLICY.replace('"4"', '"5"').replace("0.90", "0.97").replace("0.70", "0.65")  # fmt: skip
    assert shop.policy.stat().st_mode & 0o777 == 0o640
    found = load_document(shop.certificates, CertificateFile)
    assert [(one.action_type, one.threshold, one.n, one.k, one.model) for one in found.certificates] == [
        ("refund", 0.97, 400, 0, NEW), ("reply", 0.65, 800, 2, NEW),
    ]  # fmt: skip
    assert (found.policy_id, found.policy_version, found.last_round) == ("shop", "5", 1)
    assert "is now version 5" in told
    assert "hitl gate" in told


def test_the_same_data_changes_nothing_a_second_time(shop: Shop) -> None:
    shop.say("--write")
    policy, certificates = shop.policy.read_bytes(), shop.certificates.read_bytes()

    code, _, told = shop.say("--write")

    assert code == 0
    assert (shop.policy.read_bytes(), shop.certificates.read_bytes()) == (policy, certificates)
    assert shop.document().new_version is None
    assert shop.document().round == 1
    assert not (shop.out / "policy.diff").exists()
    assert not (shop.out / "replay.json").exists()
    assert "stays as it is" in told


def test_a_policy_that_changed_meanwhile_is_not_overwritten(shop: Shop) -> None:
    shop.say()
    document = shop.document()
    proposal = propose(document.types, PolicyFile.of(shop.policy, POLICY.encode()))
    found = Result(document, proposal, certificate_file(document, None, ()), None, None, "")
    shop.policy.write_text(POLICY + "# somebody was here\n")

    with pytest.raises(UsageError, match="has changed since it was read; nothing was written"):
        write_policy(found)

    assert shop.policy.read_text().endswith("# somebody was here\n")
    assert not shop.certificates.exists()


def test_a_link_to_a_policy_stays_a_link(shop: Shop) -> None:
    real = shop.folder / "elsewhere.yaml"
    shop.policy.rename(real)
    shop.policy.symlink_to(real)

    shop.say("--write")

    assert shop.policy.is_symlink()
    assert 'version: "5"' in real.read_text()


def test_what_nothing_proves_does_not_run_alone(shop: Shop) -> None:
    shop.log((*LOSES, *NOTHING))

    code, _, _ = shop.say("--write")

    assert code == 0
    assert shop.thresholds() == {"refund": 0.97, "reply": "never"}
    assert [one.action_type for one in load_document(shop.certificates, CertificateFile).certificates] == ["refund"]  # fmt: skip


def test_uncertified_thresholds_stay_when_that_is_asked_and_it_is_said_first(shop: Shop) -> None:
    shop.log((*LOSES, *NOTHING))

    shop.say("--write", "--keep-uncertified")

    assert shop.thresholds() == {"refund": 0.97, "reply": 0.70}
    assert shop.document().notes[0].startswith("NOT CERTIFIED and left in force because --keep-uncertified was given: reply")  # fmt: skip


def test_nothing_tested_leaves_with_12_and_says_where_to_look(shop: Shop) -> None:
    shop.log(rows("reply", NEW, (0.95, 6, 0), (0.6, 5, 1)))

    code, _, told = shop.say("--write")

    assert code == 12
    assert "no action type could be tested" in told
    assert "was left as it is" in told
    assert shop.policy.read_text() == POLICY
    assert not shop.certificates.exists()


def test_json_is_the_document_alone(shop: Shop) -> None:
    code, said, _ = shop.say("--json")

    assert code == 0
    assert Recalibration.model_validate_json(said) == shop.document()


@pytest.mark.parametrize(("models", "words", "problem"), [
    pytest.param((OLD, NEW), (), f"several models: {OLD} (860), {NEW} (860)", id="several and none named"),
    pytest.param((OLD, NEW), ("--model", "acme/other"), f"no decision by it; it holds {OLD} (860)", id="a model that is not there"),
    pytest.param((NEW,), ("--previous-model", NEW), "is the model to fit for", id="the same model twice"),
    pytest.param((NEW,), ("--target", "0"), "--target 0: expected more than 0", id="no target"),
    pytest.param((NEW,), ("--delta", "1"), "--delta 1: expected", id="no chance"),
    pytest.param((NEW,), ("--delta", "0.3"), "expected more than 0 and at most 0.25", id="a chance for which the test is not valid"),
    pytest.param((NEW,), ("--target", "0.6"), "expected more than 0 and at most 0.5", id="a target for which the test is not valid"),
    pytest.param((NEW,), ("--policy-version", "4"), "is the version in force", id="the old version"),
    pytest.param((NEW,), ("--release", "{folder}/no.yaml"), "no such file", id="no release"),
    pytest.param((NEW,), ("--release", "{folder}/policy.yaml"), "expected `hitl/release/v1`", id="not a release"),
])  # fmt: skip
def test_what_cannot_work_leaves_with_2_and_changes_nothing(
    shop: Shop, models: tuple[str, ...], words: tuple[str, ...], problem: str
) -> None:
    shop.log(row for model in models for row in rows("reply", model, (0.95, 400, 0), (0.65, 400, 2), (0.3, 60, 20)))  # fmt: skip

    code, _, told = shop.say("--write", *(word.format(folder=shop.folder) for word in words))

    assert code == 2
    assert problem in told
    assert shop.policy.read_text() == POLICY
    assert not shop.certificates.exists()


def test_a_log_without_identities_is_used_and_its_certificates_name_no_model(shop: Shop) -> None:
    shop.log(rows("reply", None, (0.95, 400, 0), (0.65, 400, 2)))

    code, _, _ = shop.say("--write")

    assert code == 0
    found = load_document(shop.certificates, CertificateFile).certificates
    assert [one.model for one in found] == [None]
    assert any("names no model" in note for note in shop.document().notes)


def test_the_release_says_which_model_is_which(shop: Shop, release: Workspace) -> None:
    shop.log((*GAINS, *rows("reply", OLD, (0.95, 400, 0), (0.65, 400, 40))))

    code, _, _ = shop.say("--release", str(release.write()))

    assert code == 0
    document = shop.document()
    assert (document.release_id, document.model, document.previous_model) == ("upgrade", NEW, OLD)
    points = {one.threshold: one.k for one in document.types[1].previous_curve}
    assert points[0.65] == 40


@pytest.mark.parametrize("name", ["record.json", ""], ids=["its file", "its folder"])
def test_a_record_says_that_too_and_how_the_candidate_fails_now(
    shop: Shop, release: Workspace, name: str
) -> None:
    release.fail(range(30))
    assert release.gate() == 10

    code, _, _ = shop.say("--release", str(release.record_path.parent / name))

    assert code == 0
    assert (shop.document().release_id, shop.document().model) == ("upgrade", NEW)
    assert any(
        "fails in ways that the one before did not" in note for note in shop.document().notes
    )


def test_a_release_whose_candidate_is_not_in_the_log_is_refused(shop: Shop, release: Workspace) -> None:  # fmt: skip
    shop.log(rows("reply", OLD, (0.95, 400, 0)))

    code, _, told = shop.say("--release", str(release.write()))

    assert code == 2
    assert f"no decision by the release's candidate ({NEW}); it holds {OLD} (400)" in told


def test_a_calibrator_is_written_where_it_helps_and_refused_with_its_reason(shop: Shop) -> None:
    place = shop.folder / "calibrator.json"
    shop.log(rows("reply", NEW, (0.99, 900, 90), (0.8, 900, 450), (0.6, 600, 360), (0.3, 300, 240)))

    shop.say("--calibrator", str(place))
    shop.say("--calibrator", str(place))

    found = load_document(place, Calibrator)
    assert (found.model, found.version) == (NEW, "2")

    shop.log(rows("reply", None, (0.99, 900, 90), (0.8, 900, 450)))
    _, _, told = shop.say("--calibrator", str(shop.folder / "none.json"))
    assert "no calibrator: the log names no model" in told
    assert not (shop.folder / "none.json").exists()


def test_certificates_name_the_calibrator_that_confidence_went_through(shop: Shop) -> None:
    place = shop.folder / "calibrator.json"
    shop.log((*rows("refund", NEW, (0.99, 900, 2), (0.8, 900, 450)), *rows("reply", NEW, (0.9, 900, 2), (0.6, 600, 360))))  # fmt: skip
    shop.say("--calibrator", str(place))
    shop.policy.write_text(POLICY + "calibrator: calibrator.json\n")

    code, _, told = shop.say("--write", "--calibrator", str(shop.folder / "second.json"))

    assert code == 0
    found = load_document(shop.certificates, CertificateFile).certificates
    assert {one.calibrator for one in found} == {load_document(place, Calibrator).digest}
    assert len(found) == 2
    assert shop.policy.read_text().endswith("calibrator: calibrator.json\n")
    assert "no calibrator: " in told
    assert "take `calibrator` out of it" in told


def test_a_simulation_says_how_often_rules_break_their_promise(shop: Shop) -> None:
    shop.say("--simulate")

    simulated = {one.action_type: one for one in shop.document().simulations}
    assert {"fixed sequence", "naive"} <= {line.rule for line in simulated["reply"].lines}


def test_certificates_that_cannot_be_read_stop_a_recalibration(shop: Shop) -> None:
    shop.certificates.write_text('{"format": "hitl/threshold-certificates/v1", "odd": 1}')

    code, _, told = shop.say("--write")

    assert code == 2
    assert "policy.certificates.json" in told
    assert shop.policy.read_text() == POLICY


def checked(shop: Shop, capsys: pytest.CaptureFixture[str]) -> dict[str, list[str]]:
    main(["policy", "check", str(shop.policy), "--json"])
    found: dict[str, list[str]] = {}
    for one in json.loads(capsys.readouterr().out)["findings"]:
        if "certif" in one["code"]:
            found.setdefault(one["code"], []).append(one["field"].split(".")[1])
    return found


def test_a_check_of_the_policy_says_which_thresholds_stand_on_nothing(
    shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert checked(shop, capsys) == {"threshold_uncertified": ["refund", "reply"]}

    shop.log((*LOSES, *NOTHING))
    shop.say("--write", "--keep-uncertified")
    assert checked(shop, capsys) == {"threshold_uncertified": ["reply"]}

    shop.policy.write_text(shop.policy.read_text().replace("0.97", "0.80"))
    assert checked(shop, capsys)["certificate_for_other_threshold"] == ["refund"]

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "4000000000")
    assert checked(shop, capsys)["certificate_expired"] == ["refund"]


@pytest.mark.parametrize(("model", "codes"), [
    pytest.param(NEW, [], id="for the candidate"),
    pytest.param(OLD, ["threshold_of_other_model", "threshold_of_other_model"], id="for the model before it"),
])  # fmt: skip
def test_a_gate_says_whose_thresholds_are_in_force_and_its_verdict_stays(
    shop: Shop, release: Workspace, model: str, codes: list[str]
) -> None:
    shop.log(row | {"resolved_model": model} for row in (*LOSES, *GAINS))
    shop.say("--write")
    release.manifest["policy"] = shop.policy.name

    assert release.gate() == 0

    record = release.record
    assert [one["code"] for one in record["findings"] if "threshold" in one["code"] or "certif" in one["code"]] == codes  # fmt: skip


def test_the_shipped_parallel_run_gains_raises_and_closes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(SHIPPED / name) for name in ("parallel.parquet", "policy.yaml", "release.yaml")]

    assert main(["recalibrate", words[0], "--policy", words[1], "--release", words[2], "--out", str(tmp_path), "--json"]) == 0  # fmt: skip

    found = Recalibration.model_validate_json(capsys.readouterr().out)
    assert found.model == "scripted/triage-2026-05-18"
    types = {one.action_type: one for one in found.types}
    assert types["annotate_incident"].direction == "gains"
    assert types["route_to_team"].direction == "loses"
    assert isinstance(types["route_to_team"].proposed, float)
    assert types["hold_deployments"].proposed == "never"
    assert types["hold_deployments"].labels_needed is not None
    assert types["remediation"].state == "closed"
    assert len(found.changes) == 4
