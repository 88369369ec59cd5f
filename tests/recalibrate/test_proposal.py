import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitl.digest import digest_bytes
from hitl.document.load import parse_document
from hitl.errors import DocumentError, UsageError
from hitl.policy import Policy
from hitl.recalibrate.parts import (
    Certificate,
    CertificateFile,
    CurvePoint,
    Recalibration,
    Stratum,
    Threshold,
    TypeResult,
    certificates_path,
)
from hitl.recalibrate.proposal import (
    PolicyFile,
    Proposal,
    certificate_file,
    concluded,
    document_bytes,
    keeping_proved,
    keeping_uncertified,
    propose,
    proposed_certificates,
    round_of,
)
from hitl.recalibrate.version import next_version
from hitl.recalibrate.words import Direction, ErrorsBy, State

SHIPPED = Path(__file__).parents[2] / "manifests" / "incident-triage" / "policy.yaml"
TEXT = """# policy of the shop
format: hitl/policy/v1
id: shop
version: "4" # was 3
action_types:
  refund: {reversible: true, thresholds: {auto: 0.90, review: 0.60}} # money
  reply:
    thresholds:
      auto: 0.70  # low risk
      review: 0.50
  close:
    thresholds: {auto: never, review: 0.5}
"""


def a_certificate(name: str, threshold: float, **others: object) -> Certificate:
    fields: dict[str, object] = {
        "action_type": name, "threshold": threshold, "target": 0.02, "delta": 0.03, "delta_total": 0.05, "round": 1, "family": 1,
        "n": 500, "k": 2, "n_all": 500, "upper": 0.013, "method": "exact binomial", "strata": (Stratum(probability=None, n_all=500, n=500, k=2),),
        "n_tested": 9, "first_tested": 0.97, "errors_by": ErrorsBy.CORRECT, "model": "acme/2", "policy_id": "shop", "policy_version": "4",
        "data_digest": "d" * 64, "sources": ("log.parquet",), "first_day": "2026-05-01", "last_day": "2026-05-08",
        "issued_at": "2026-05-09T00:00:00+00:00", "valid_until": "2026-08-07T00:00:00+00:00",
    }  # fmt: skip
    return Certificate.model_validate(fields | others)


def a_type(
    name: str, auto: Threshold | None, proposed: Threshold | None, *, review: float = 0.5, is_certified: bool = True, **others: object
) -> TypeResult:  # fmt: skip
    certificate = a_certificate(name, proposed) if is_certified and isinstance(proposed, float) else None  # fmt: skip
    fields: dict[str, object] = {
        "action_type": name, "state": State.CERTIFIED if certificate else State.UNCERTIFIED, "reason": "", "n": 900, "n_eligible": 800,
        "n_labelled": 800, "n_wrong": 9, "auto": auto, "review": review, "proposed": proposed, "direction": Direction.LOSES, "certificate": certificate,
    }  # fmt: skip
    return TypeResult.model_validate(fields | others)


def a_recalibration(*types: TypeResult) -> Recalibration:
    return Recalibration(
        format="hitl/recalibration/v1", policy_id="shop", policy_version="4", policy_digest="", new_version=None, release_id=None, model="acme/2",
        previous_model=None, target=0.02, delta=0.05, round=1, is_family=False, errors_by=ErrorsBy.CORRECT, created_at="2026-05-09T00:00:00+00:00",
        sources=("log.parquet",), n=2_700, types=types,
    )  # fmt: skip


def the_policy(text: str = TEXT, path: Path = Path("policy.yaml")) -> PolicyFile:
    return PolicyFile.of(path, text.encode())


def lines_of(proposal: Proposal) -> list[str]:
    found = proposal.diff.decode().splitlines()
    return [line for line in found if line[0] in "+-" and line[:3] not in {"+++", "---"}]


RAISED = (
    a_type("refund", 0.9, 0.85, review=0.6),
    a_type("reply", 0.7, "never"),
    a_type("close", "never", None),
)


def test_one_line_changes_for_each_threshold_and_one_for_the_version() -> None:
    found = propose(RAISED, the_policy())

    assert lines_of(found) == [
        '-version: "4" # was 3',
        '+version: "5" # was 3',
        "-  refund: {reversible: true, thresholds: {auto: 0.90, review: 0.60}} # money",
        "+  refund: {reversible: true, thresholds: {auto: 0.85, review: 0.60}} # money",
        "-      auto: 0.70  # low risk",
        "+      auto: never  # low risk",
    ]
    assert [(one.field, one.line, one.before, one.after) for one in found.changes] == [
        ("version", 4, '"4"', '"5"'),
        ("action_types.refund.thresholds.auto", 6, "0.90", "0.85"),
        ("action_types.reply.thresholds.auto", 9, "0.70", "never"),
    ]
    assert found.new_version == found.after.policy.version == "5"
    types = found.after.policy.action_types
    assert types["refund"].thresholds is not None
    assert types["refund"].thresholds.auto == 0.85
    assert found.loosened == ("refund",)


def test_review_is_lowered_where_auto_falls_below_it() -> None:
    found = propose([a_type("refund", 0.9, 0.55, review=0.6, proposed_review=0.55)], the_policy())

    assert "+  refund: {reversible: true, thresholds: {auto: 0.55, review: 0.55}} # money" in lines_of(found)  # fmt: skip
    assert [one.field.rpartition(".")[2] for one in found.changes] == ["version", "auto", "review"]


def test_a_proposal_that_would_be_no_policy_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"auto \(0.55\) lies below review \(0.6\)"):
        propose([a_type("refund", 0.9, 0.55, review=0.6)], the_policy())


@pytest.mark.parametrize("types", [
    pytest.param((), id="no type"),
    pytest.param((a_type("refund", 0.9, 0.9),), id="the threshold in force is certified"),
    pytest.param((a_type("close", "never", "never"),), id="it never ran alone"),
    pytest.param((a_type("refund", 0.9, None),), id="there is nothing to propose"),
])  # fmt: skip
def test_where_nothing_changes_there_is_no_new_version_and_no_diff(types: tuple[TypeResult, ...]) -> None:  # fmt: skip
    found = propose(types, the_policy(), "9")

    assert (found.changes, found.new_version, found.diff, found.loosened) == ((), None, b"", ())
    assert found.after.content == TEXT.encode()


@pytest.mark.parametrize(("auto", "proposed", "is_looser"), [
    (0.9, 0.85, True), (0.9, 0.95, False), (0.9, "never", False), ("never", 0.95, True), (None, 0.95, True), (0.9, None, False), (0.9, 0.9, False),
])  # fmt: skip
def test_a_proposal_loosens_where_a_lower_confidence_would_be_enough(
    auto: Threshold | None, proposed: Threshold | None, is_looser: bool
) -> None:
    name = "close" if auto == "never" else "refund"
    if auto is None:
        with pytest.raises(DocumentError, match="is not there"):
            propose([a_type(name, auto, proposed, review=0.5)], the_policy(TEXT.replace("refund: {reversible: true, thresholds: {auto: 0.90, review: 0.60}}", "refund: {}")))  # fmt: skip
        return

    assert propose([a_type(name, auto, proposed)], the_policy()).loosened == ((name,) if is_looser else ())  # fmt: skip


def test_uncertified_thresholds_are_left_only_when_that_is_asked_and_it_is_said() -> None:
    types, note = keeping_uncertified(RAISED)

    assert [one.proposed for one in types] == [0.85, None, None]
    assert types[1].direction is Direction.KEEPS
    assert "NOT CERTIFIED" in note
    assert "reply" in note
    assert "never" not in propose(types, the_policy()).diff.decode().replace("auto: never, review: 0.5", "")  # fmt: skip
    assert keeping_uncertified([a_type("refund", 0.9, 0.95)])[1] == ""


def test_a_new_version_can_be_named_and_cannot_be_the_old_one() -> None:
    assert propose(RAISED, the_policy(), "2026-05-18").new_version == "2026-05-18"
    with pytest.raises(UsageError, match="a changed policy is a new version"):
        propose(RAISED, the_policy(), "4")


def test_a_version_that_is_named_is_never_read_as_anything_but_text() -> None:
    for version in ("1.10", "true", "~", "a: b", "# x", "é'\"", "[1]"):
        found = propose(RAISED, the_policy(TEXT.replace('"4"', "v4")), version)

        assert found.after.policy.version == version


@pytest.mark.parametrize(("old", "new"), [
    ("4", "5"), ("9", "10"), ("2026-05.1", "2026-05.2"), ("2026-05", "2026-06"), ("1.10", "1.11"), ("v2-beta", "v3-beta"), ("draft", "draft-2"), ("", "-2"), ("٤", "٤-2"), ("9" * 5_000, "9" * 5_000 + "-2"),
])  # fmt: skip
def test_the_version_that_follows(old: str, new: str) -> None:
    assert next_version(old) == new


@given(st.text(max_size=20))
def test_a_version_never_follows_itself(version: str) -> None:
    assert next_version(version) != version


def test_certificates_go_with_thresholds_that_would_be_in_force_and_with_no_other() -> None:
    kept = a_type("close", 0.5, 0.5)
    gone = a_type("reply", 0.7, "never", certificate=a_certificate("reply", 0.99))

    found = proposed_certificates(a_recalibration(RAISED[0], gone, kept))

    assert [(one.action_type, one.threshold) for one in found] == [("refund", 0.85), ("close", 0.5)]


def test_old_certificates_stay_and_the_same_proof_is_not_kept_twice() -> None:
    document = concluded(a_recalibration(*RAISED), propose(RAISED, the_policy()))
    old = CertificateFile(
        format="hitl/threshold-certificates/v1", policy_id="shop", policy_version="4", certificates=(a_certificate("refund", 0.9),)
    )  # fmt: skip

    once = certificate_file(document, old, {"b", "a"})
    twice = certificate_file(document, once, {"a", "b"})

    assert [one.threshold for one in once.certificates] == [0.9, 0.85]
    assert (once.policy_version, once.last_round, once.last_data) == ("5", 1, ("a", "b"))
    assert twice == once
    assert parse_document(document_bytes(once), Path("x.json"), CertificateFile) == once


@pytest.mark.parametrize(("last_round", "last_data", "number"), [
    pytest.param(0, (), 2, id="a file that counts no rounds has its certificates"),
    pytest.param(3, ("a", "b"), 3, id="the same data is no new test"),
    pytest.param(3, ("a",), 4, id="more data is one"),
    pytest.param(1, ("c",), 2, id="other data is one"),
])  # fmt: skip
def test_every_recalibration_on_new_data_has_a_number_of_its_own(
    last_round: int, last_data: tuple[str, ...], number: int
) -> None:
    old = CertificateFile(
        format="hitl/threshold-certificates/v1", policy_id="shop", policy_version="4", certificates=(a_certificate("refund", 0.9),),
        last_round=last_round, last_data=last_data,
    )  # fmt: skip

    assert round_of(old, "shop", 0.02, {"a", "b"}) == number
    assert round_of(None, "shop", 0.02, {"a", "b"}) == 1


@pytest.mark.parametrize(("state", "last_round"), [(State.UNCERTIFIED, 1), (State.UNLABELLED, 0), (State.ABSENT, 0)])  # fmt: skip
def test_a_test_that_certified_nothing_has_spent_its_chance_and_one_that_was_not_made_has_not(
    state: State, last_round: int
) -> None:
    document = a_recalibration(a_type("refund", 0.9, "never", state=state))

    found = certificate_file(document, None, {"a"})

    assert (found.certificates, found.last_round) == ((), last_round)


def test_a_threshold_in_force_that_the_same_data_proved_is_not_moved_again() -> None:
    old = CertificateFile(
        format="hitl/threshold-certificates/v1", policy_id="shop", policy_version="4", certificates=(a_certificate("refund", 0.9),)
    )  # fmt: skip
    curve = (
        CurvePoint(
            threshold=0.9,
            n_all=500,
            n=500,
            k=2,
            error=None,
            error_high=None,
            coverage=0.5,
            escalation=0.5,
        ),
    )
    moved = a_type("refund", 0.9, 0.85, curve=curve)
    other = a_type("refund", 0.9, 0.85, curve=curve, certificate=a_certificate("refund", 0.85, data_digest="e" * 64))  # fmt: skip

    (kept,) = keeping_proved([moved], old)

    assert (kept.proposed, kept.direction) == (0.9, Direction.KEEPS)
    assert kept.certificate == old.certificates[0]
    assert certificate_file(a_recalibration(kept), old, ()).certificates == old.certificates
    assert keeping_proved([moved], None) == (moved,)
    assert keeping_proved([other], old) == (other,)


@pytest.mark.parametrize("changes", [
    pytest.param({"n": 600}, id="counts that the log does not have"),
    pytest.param({"k": 20, "upper": 0.02}, id="counts that prove nothing"),
    pytest.param({"delta": 0.2}, id="more than the chance that it shared"),
    pytest.param({"spends": True}, id="another promise"),
    pytest.param({"family": 3}, id="a promise for a family"),
    pytest.param({"method": "exact binomial; labels said to be a random sample"}, id="labels that were taken otherwise"),
])  # fmt: skip
def test_an_older_certificate_that_does_not_prove_the_same_moves_nothing(
    changes: dict[str, object],
) -> None:
    forged = a_certificate("refund", 0.9, **changes)
    old = CertificateFile(format="hitl/threshold-certificates/v1", policy_id="shop", policy_version="4", certificates=(forged,))  # fmt: skip
    counts = {"n_all": forged.n_all, "n": min(forged.n, 500), "k": forged.k}
    curve = (CurvePoint(threshold=0.9, error=None, error_high=None, coverage=0.5, escalation=0.5, **counts),)  # fmt: skip
    moved = a_type("refund", 0.9, 0.95, curve=curve)

    assert keeping_proved([moved], old) == (moved,)


@pytest.mark.parametrize("version", ["", " ", "5\nid: other"])
def test_a_version_that_is_no_name_is_refused(version: str) -> None:
    with pytest.raises(UsageError, match="expected a name of one line"):
        propose(RAISED, the_policy(), version)


def test_the_replay_of_what_is_looser_is_named_in_its_certificates() -> None:
    types = (*RAISED[:2], a_type("close", 0.5, 0.6))
    proposal = propose(types, the_policy(TEXT.replace("never", "0.5")))

    document = concluded(a_recalibration(*types), proposal, b"a replay\n")

    assert document.loosens
    assert document.replay_digest == digest_bytes(b"a replay\n")
    assert [one.certificate.replay for one in document.types if one.certificate] == [document.replay_digest, None]  # fmt: skip
    assert document.policy_digest == digest_bytes(proposal.before.content)
    assert parse_document(document_bytes(document), Path("x.json"), Recalibration) == document


def test_certificates_lie_beside_the_policy() -> None:
    assert certificates_path(Path("a/policy.yaml")) == Path("a/policy.certificates.json")
    assert certificates_path(Path("my.policy.yml")).name == "my.policy.certificates.json"


LAYOUTS = {
    "as it is": TEXT,
    "CRLF": TEXT.replace("\n", "\r\n"),
    "CRLF and a byte order mark": "\ufeff" + TEXT.replace("\n", "\r\n"),
    "without a newline at the end": TEXT.rstrip("\n").replace("review: 0.5}}", "review: 0.5}}   "),
    "JSON on one line": json.dumps({
        "format": "hitl/policy/v1", "id": "\U0001f600 shop", "version": "4",
        "action_types": {"refund": {"thresholds": {"auto": 0.9, "review": 0.6}}, "reply": {"thresholds": {"auto": 0.7, "review": 0.5}}},
    }),
}  # fmt: skip


@pytest.mark.parametrize("tool", ["patch", "git"])
@pytest.mark.parametrize("name", ["policy.yaml", "with space.yaml", "folder/pö \U0001f600.yaml", 'a"b\t.yaml'])  # fmt: skip
@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS)
def test_the_diff_applies_with_patch_and_with_git(
    text: str, name: str, tool: str, tmp_path: Path
) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(text.encode())
    proposal = propose(RAISED[:2], PolicyFile.of(Path(name), text.encode()))
    (tmp_path / "policy.diff").write_bytes(proposal.diff)

    words = ["patch", "-p0", "-i", "policy.diff"] if tool == "patch" else ["git", "apply", "-p0", "policy.diff"]  # fmt: skip
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert file.read_bytes() == proposal.after.content
    assert file.read_bytes() != text.encode()


@pytest.mark.parametrize("tool", ["patch", "git"])
@pytest.mark.parametrize("where", ["absolute", "upwards"])
def test_the_diff_of_a_file_elsewhere_applies_in_its_folder(
    where: str, tool: str, tmp_path: Path
) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    file = tmp_path / "policy.yaml"
    file.write_text(TEXT)
    named = file if where == "absolute" else Path("below") / ".." / "policy.yaml"
    proposal = propose(RAISED[:2], PolicyFile.of(named, TEXT.encode()))
    (tmp_path / "policy.diff").write_bytes(proposal.diff)

    words = ["patch", "-p0", "-i", "policy.diff"] if tool == "patch" else ["git", "apply", "-p0", "policy.diff"]  # fmt: skip
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert file.read_bytes() == proposal.after.content


@pytest.mark.parametrize("text", [
    pytest.param(TEXT.replace("refund: {", "refund: &r {") + "  other: *r\n", id="repeated elsewhere"),
    pytest.param(TEXT.replace("auto: 0.90", "auto: !!float 0.90"), id="a tag"),
])  # fmt: skip
def test_a_policy_whose_threshold_cannot_be_changed_alone_is_left_alone(text: str) -> None:
    with pytest.raises(DocumentError, match=r"policy.yaml:\d+: .*refund"):
        propose(RAISED, the_policy(text))


def test_the_shipped_policy_changes_in_one_line_each() -> None:
    content = SHIPPED.read_bytes()
    found = propose(
        [a_type("annotate_incident", 0.7, 0.65), a_type("route_to_team", 0.85, 0.8971, review=0.6), a_type("hold_deployments", 0.9, "never", review=0.75)],
        PolicyFile.of(SHIPPED, content),
    )  # fmt: skip

    assert len(lines_of(found)) == 8
    assert found.after.content.count(b"\n") == content.count(b"\n")
    assert found.after.policy.model_copy(
        update={"version": "4", "action_types": Policy.load(SHIPPED).action_types}
    ) == Policy.load(SHIPPED)
