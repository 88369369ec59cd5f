"""`hitl review pack`: from the files of a release to a folder for reviewers, or to nothing."""

import gzip
import json
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest

from hitl.review.folder import load_review
from tests.cli.reviewing import EPOCH, SECRET, Lead, files_of, plan_of
from tests.cli.workspace import Row, Workspace, write_lines

N = 40
OLD, NEW = "acme/model-2026-05-01", "acme/model-2026-05-18"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    monkeypatch.delenv("HITL_REVIEW_SECRET", raising=False)


@pytest.fixture
def lead(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Lead:
    """Forty cases; the candidate answers every fourth otherwise, every eighth wrongly."""
    release = Workspace(tmp_path)
    release.cases["core"] = release.cases["core"][:N]
    release.previous, release.candidate = release.previous[:N], release.candidate[:N]
    for number in range(0, N, 4):
        release.candidate[number]["text"] = "no" if number % 8 == 0 else " yes"
    return Lead(release, capsys)


def say_of(row: Row, text: str) -> None:
    row["text"] = text


def test_a_release_becomes_packets_a_sealed_key_and_invitations(lead: Lead) -> None:
    out = lead.packed("--reviewers", "ann,bo,cy", "--adjudicator", "dora")

    hashes, tokens = lead.hashes, lead.tokens
    names = {f"packets/{one}.json" for one in hashes.values()}
    assert set(lead.files()) == names | {"review.json", "key.sealed", "invitations.json"}
    assert (lead.folder / "invitations.json").stat().st_mode & 0o777 == 0o600
    for name, token in tokens.items():
        assert f"{name}: http://127.0.0.1:8765/#{token}" in out
    assert f"hitl review serve {lead.folder}" in out
    assert f"hitl review merge {lead.folder}" in out
    assert "identifiability" in out


def test_what_is_packed_can_be_loaded_and_says_why_it_is_there(lead: Lead) -> None:
    code, out, _ = lead.pack("--json")
    said = json.loads(out)

    assert code == 0
    review = load_review(lead.folder)
    assert review.plan.rules.raters == 3
    assert said["plan"]["review_id"] == review.plan.review_id
    assert said["why"] == {"failing": 5, "flipped": 5, "sample": 20}
    assert review.plan.rules.sample.n_population == N


def test_by_default_it_goes_to_a_folder_of_the_release(
    lead: Lead, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lead.release.write()
    monkeypatch.chdir(tmp_path)

    assert lead.say("review", "pack", path)[0] == 0
    assert (tmp_path / "reviews" / "upgrade" / "review.json").is_file()


def test_the_same_secret_and_time_give_the_same_bytes(
    lead: Lead, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HITL_REVIEW_SECRET", SECRET)
    lead.packed("--offline")
    other = tmp_path / "again"
    assert lead.say("review", "pack", lead.release.write(), "--out", other, "--offline")[0] == 0

    assert files_of(other) == lead.files()


def test_with_a_secret_of_ones_own_no_token_lies_on_disk_or_in_the_json(
    lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HITL_REVIEW_SECRET", SECRET)
    code, out, _ = lead.pack("--json")

    assert code == 0
    assert json.loads(out)["invitations"] is None
    assert "invitations.json" not in lead.files()


def test_without_a_secret_every_review_is_drawn_anew(lead: Lead, tmp_path: Path) -> None:
    lead.packed()
    assert lead.say("review", "pack", lead.release.write(), "--out", tmp_path / "again")[0] == 0

    assert plan_of(tmp_path / "again")["review_id"] != plan_of(lead.folder)["review_id"]


def swap(release: Workspace) -> None:
    release.previous, release.candidate = release.candidate, release.previous
    models = release.manifest
    old, new = models["previous_model"]["id"], models["candidate_model"]["id"]
    models["previous_model"]["id"], models["candidate_model"]["id"] = new, old


def telling(release: Workspace) -> None:
    """Let the arms differ in all that could tell them apart; some calls fail, some replies call tools."""
    for number, row in enumerate(release.candidate):
        if number % 3 == 0:
            say_of(row, f"I am {NEW} by Acme. {row['text']}")
        if number % 5 == 0:
            row["confidence"] = 0.9
        if number % 7 == 0:
            row["tool_calls"] = [{"name": "look", "arguments": {"by": NEW, "n": number}}]
    for number, row in enumerate(release.previous):
        row["resolved_model"] = OLD
        if number % 9 == 0:
            row |= {"text": None, "error": "timed out"}
    release.previous = [
        {name: value for name, value in row.items() if value is not None} for row in release.previous
    ]  # fmt: skip


POLICY = {
    "format": "hitl/policy/v1",
    "id": "answers",
    "version": "1",
    "action_types": {"answer": {"thresholds": {"auto": 0.8, "review": 0.5}}},
    "risk_matrix": {"medium": {"high_confidence": "auto", "medium_confidence": "queue", "low_confidence": "queue"}},
}  # fmt: skip


def test_swapped_arms_give_the_same_packets(
    lead: Lead, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HITL_REVIEW_SECRET", SECRET)
    telling(lead.release)
    for row in (*lead.release.previous, *lead.release.candidate):
        row["action_type"] = "answer"
    (tmp_path / "policy.json").write_text(json.dumps(POLICY))
    lead.release.manifest["policy"] = "policy.json"
    lead.packed("--items", "25")
    swap(lead.release)
    other = tmp_path / "swapped"
    assert lead.say("review", "pack", lead.release.write(), "--out", other, "--items", "25")[0] == 0

    packets = [name for name in lead.files() if name.startswith("packets/")]
    assert len(packets) == 3
    key, other_key = (plan_of(folder)["key_digest"] for folder in (lead.folder, other))
    assert key != other_key
    for name in packets:
        assert files_of(other)[name].replace(other_key.encode(), b"") == lead.files()[name].replace(key.encode(), b"")  # fmt: skip
    assert plan_of(other)["rules"] == plan_of(lead.folder)["rules"]


def test_no_packet_names_a_model(lead: Lead) -> None:
    telling(lead.release)
    lead.packed("--offline", "--title", f"Answers of {NEW}")

    shown = [text.decode().casefold() for name, text in lead.files().items() if name.startswith("packets/")]  # fmt: skip
    assert len(shown) == 6
    for text in shown:
        assert [word for word in ("acme", "2026-05-18", "2026-05-01", "upgrade") if word in text] == []  # fmt: skip


def test_personal_data_are_taken_out(lead: Lead) -> None:
    for number, row in enumerate(lead.release.candidate):
        row["text"] = f"write to jo.doe.{number}@example.org"
    lead.packed()

    assert plan_of(lead.folder)["rules"]["blindness"]["n_redacted"]["email"] == N
    assert not any(b"jo.doe" in content for content in lead.files().values())


def test_packets_that_tell_are_packed_all_the_same_and_called_so(lead: Lead) -> None:
    for number, row in enumerate(lead.release.candidate):
        row["text"] = f"## Answer\n\n- **yes**, for reason {number % 7}"
    out = lead.packed()

    assert "not blind" in out
    assert plan_of(lead.folder)["rules"]["blindness"]["label"] == "not_blind"


def test_a_shadow_review_is_labelled_openly(lead: Lead) -> None:
    lead.packed("--mode", "shadow")

    assert plan_of(lead.folder)["rules"]["blindness"]["label"] == "open"
    (packet, *_) = load_review(lead.folder).packets.values()
    assert {side.label for item in packet.items for side in item.sides if len(item.sides) == 2} == {"new", "old"}  # fmt: skip


def test_one_output_at_a_time(lead: Lead) -> None:
    lead.packed("--mode", "single")
    (packet, *_) = load_review(lead.folder).packets.values()

    assert {len(item.sides) for item in packet.items} == {1}


def test_fewer_people_rate_what_they_can(lead: Lead) -> None:
    lead.packed("--reviewers", "ann,bo")

    assert plan_of(lead.folder)["rules"]["raters"] == 2


def test_items_with_a_known_answer_are_mixed_in_and_masked(lead: Lead, tmp_path: Path) -> None:
    known = tmp_path / "known.jsonl"
    write_lines(known, [{"input": f"what does {NEW} say?", "outputs": ["yes"], "actions": [["approve"]]}])  # fmt: skip
    lead.packed("--qualification", known)

    review = load_review(lead.folder)
    assert review.plan.rules.sample.n_qualification == 1
    for packet in review.packets.values():
        assert "what does [model] say?" in {item.input for item in packet.items}


def test_a_subset_that_the_budget_leaves_unmeasured_is_named(lead: Lead) -> None:
    lead.release.expect({"review": "approve"})
    code, out, err = lead.pack("--items", "10", "--json")

    assert code == 0
    assert "subset core: 30 of 40 items that people are to approve are not in the packets" in err
    assert json.loads(out)["warnings"] == [err.splitlines()[0].removeprefix("hitl: ")]  # fmt: skip


def test_minutes_are_a_budget_too(lead: Lead) -> None:
    lead.packed("--minutes", "30")  # three raters of a minute each

    assert plan_of(lead.folder)["packets"][0]["n_items"] == 10


def test_every_reply_to_a_case_is_judged_where_people_are_to_approve_it(lead: Lead) -> None:
    lead.release.expect({"review": "approve"})
    for rows in (lead.release.previous, lead.release.candidate):
        rows += [deepcopy(row) | {"repeat": 1} for row in rows]
    code, out, _ = lead.pack("--json")

    assert code == 0
    assert json.loads(out)["why"] == {"judged": 2 * N}


def test_of_other_cases_the_first_reply_is_shown(lead: Lead) -> None:
    for rows in (lead.release.previous, lead.release.candidate):
        rows += [deepcopy(row) | {"repeat": 1} for row in rows]
    lead.packed()

    assert plan_of(lead.folder)["rules"]["sample"]["n_population"] == N


# What cannot be packed


def test_a_review_with_votes_is_not_overwritten(lead: Lead) -> None:
    lead.packed()
    lead.vote(names=["reviewer-1"])
    before = lead.files()
    code, out, err = lead.pack()

    assert (code, out) == (2, "")
    assert "people have voted" in err
    assert lead.files() == before


def test_a_review_without_votes_is_packed_anew(lead: Lead) -> None:
    lead.packed("--offline", "--reviewers", "ann,bo")
    lead.packed()

    assert len([name for name in lead.files() if name.startswith("packets/")]) == 3


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (",,", "names nobody"),
        ("ann,ann,bo", "named 2 times"),
        ("ann,ANN", "named 2 times"),
        ("ann\x1b[2J,bo", "no name of a reviewer"),
        ("ann\nbo", "no name of a reviewer"),
        ("a" * 200, "no name of a reviewer"),
        ("ann\u202ebo", "no name of a reviewer"),
    ],
)
def test_names_that_cannot_be_are_refused(lead: Lead, names: str, told: str) -> None:
    code, _, err = lead.pack("--reviewers", names)

    assert code == 2
    assert told in err
    assert "\x1b" not in err
    assert not lead.folder.exists()


def test_names_with_markup_stay_out_of_packets(lead: Lead) -> None:
    out = lead.packed("--reviewers", "<b>ann</b>,[bold]bo,cy:)", "--offline")

    assert "[bold]bo" in out
    assert not any(
        b"<b>ann" in text or b"[bold]" in text
        for name, text in lead.files().items()
        if name != "invitations.json"
    )


def test_a_secret_that_can_be_guessed_is_refused_and_not_shown(
    lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HITL_REVIEW_SECRET", "swordfish")
    code, _, err = lead.pack()

    assert code == 2
    assert "9 bytes" in err
    assert "swordfish" not in err
    assert not lead.folder.exists()


def test_more_raters_than_people_are_refused(lead: Lead) -> None:
    code, _, err = lead.pack("--raters", "4")

    assert code == 2
    assert "name 1 more reviewers" in err
    assert not lead.folder.exists()


def bad_manifest(lead: Lead, tmp_path: Path) -> tuple[str, ...]:
    lead.release.manifest["repeats"] = 0
    lead.release.manifest["nope"] = 1
    return ("repeats", "nope")


def bad_replies(lead: Lead, tmp_path: Path) -> tuple[str, ...]:
    lead.release.previous[3] = {"text": "of no case"}
    lead.release.candidate[5] = {"case_id": "c005"}
    return ("previous.jsonl:4", "candidate.jsonl:6")


def bad_paths(lead: Lead, tmp_path: Path) -> tuple[str, ...]:
    lead.release.manifest["decision_fields"] = {"confidence": "a[", "action_type": "b["}
    return ("decision_fields.confidence", "decision_fields.action_type")


@pytest.mark.parametrize("spoil", [bad_manifest, bad_replies, bad_paths])
def test_files_with_mistakes_are_refused_with_all_of_them(
    lead: Lead, tmp_path: Path, spoil: Callable[[Lead, Path], tuple[str, ...]]
) -> None:
    words = spoil(lead, tmp_path)
    code, out, err = lead.pack()

    assert (code, out) == (2, "")
    assert [word for word in words if word not in err] == []
    assert not lead.folder.exists()


def test_a_qualification_file_with_mistakes_is_refused_with_all_of_them(
    lead: Lead, tmp_path: Path
) -> None:
    known = tmp_path / "known.jsonl"
    known.write_text('{"input": "a", "outputs": ["b"], "actions": []}\n{"input": 3}\n')
    code, _, err = lead.pack("--qualification", known)

    assert code == 2
    assert "known.jsonl:1" in err
    assert "known.jsonl:2" in err
    assert not lead.folder.exists()


def test_an_arm_without_replies_is_nothing_to_review(lead: Lead) -> None:
    lead.release.manifest["candidate_model"]["replies"] = "gone.jsonl"
    code, _, err = lead.pack()

    assert code == 12
    assert "gone.jsonl" in err
    assert not lead.folder.exists()


def live(release: Workspace) -> None:
    for name in ("previous_model", "candidate_model"):
        spec = release.manifest[name]
        release.manifest[name] = {"id": spec["id"], "provider": "openai", "base_url": "http://127.0.0.1:9/v1"}  # fmt: skip


def test_live_arms_are_not_asked_but_their_run_is_read(lead: Lead, tmp_path: Path) -> None:
    live(lead.release)
    code, _, err = lead.pack("--reports", tmp_path / "reports")
    assert code == 12
    assert "run `hitl run" in err

    folder = tmp_path / "reports" / "upgrade" / "evidence"
    folder.mkdir(parents=True)
    for name, rows in (("previous", lead.release.previous), ("candidate", lead.release.candidate)):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    out = lead.packed("--reports", tmp_path / "reports", "--json")
    assert json.loads(out)["why"]["failing"] == 5


def test_an_arm_that_failed_everywhere_leaves_one_output_to_show(lead: Lead) -> None:
    for row in lead.release.candidate:
        row.pop("text")
        row["error"] = "timed out"
    lead.packed()
    (packet, *_) = load_review(lead.folder).packets.values()

    assert Counter(len(item.sides) for item in packet.items) == {1: len(packet.items)}
