"""`hitl gate` with a review: what is read, what is said of it, and what stands in the record."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hitl.cli.door import main
from hitl.review.folder import ballot_file, load_invitations, load_review
from hitl.review.packed import Packed
from hitl.review.parts import BlindnessReport
from hitl.review.qualification import KnownItem
from hitl.review.words import Action, Blindness, Mode
from tests.cli.reviewed import Reviewed, rules
from tests.cli.workspace import Row

N = 12


@pytest.fixture
def release(tmp_path: Path) -> Reviewed:
    return Reviewed(tmp_path, N)


def notes(record: Row) -> dict[str, str]:
    """Return the findings about reviews and ratings."""
    found = {note["code"]: note["message"] for note in record["findings"]}
    return {code: text for code, text in found.items() if code.startswith(("rating", "review"))}


def told(release: Reviewed) -> dict[str, str]:
    return notes(release.gate()[1])


def not_blind() -> BlindnessReport:
    return rules().blindness.model_copy(
        update={"label": Blindness.NOT_BLIND, "accuracy": 0.83, "low": 0.76, "high": 0.89, "reason": "headings tell"}
    )  # fmt: skip


def test_a_review_that_nothing_is_wrong_with_says_nothing(release: Reviewed) -> None:
    release.reviewed()
    assert told(release) == {}


def test_a_set_that_asks_for_approval_without_a_review_says_so(release: Reviewed) -> None:
    del release.manifest["review"]
    code, record = release.gate()
    assert code == 10
    assert record["ratings"] is None
    assert notes(record) == {
        "review_missing": "the golden set asks for people's approval in core and the release names no review"
    }


def test_a_review_that_is_not_closed_gives_no_rating(release: Reviewed) -> None:
    packed = release.pack()
    release.vote(packed, absent=["bob"])
    _, record = release.gate()
    bob = next(one.reviewer for one in packed.invitations.invitations if one.name == "bob")
    assert list(notes(record)) == ["review_not_closed"]
    assert f"rater {bob[:16]} has not locked and owes {N} votes" in notes(record)["review_not_closed"]  # fmt: skip
    assert record["ratings"]["found"] is None
    assert bob[:16] in record["ratings"]["unused"]


def test_what_is_not_blind_says_how_well_the_arms_can_be_told_apart(release: Reviewed) -> None:
    release.vote(release.pack(blindness=not_blind()))
    _, record = release.gate()
    assert list(notes(record)) == ["ratings_not_blind"]
    assert "is not blind: headings tell (identifiability 83% [76%, 89%], 50% is chance, n = 200 pairs)" in notes(record)["ratings_not_blind"]  # fmt: skip
    assert record["ratings"]["found"]["blindness"]["label"] == "not_blind"


def test_what_is_not_proven_to_be_blind_is_not_called_blind(release: Reviewed) -> None:
    report = not_blind().model_copy(update={"label": Blindness.UNPROVEN, "accuracy": None, "low": None, "high": None})  # fmt: skip
    release.vote(release.pack(blindness=report))
    assert "not proven to be blind" in told(release)["ratings_not_blind"]
    assert "could not be measured" in told(release)["ratings_not_blind"]


def test_a_shadow_review_is_a_signal(release: Reviewed) -> None:
    release.vote(release.pack(mode=Mode.SHADOW))
    found = told(release)
    assert set(found) == {"ratings_open", "ratings_no_authority"}
    assert "decide nothing" in found["ratings_no_authority"]


def test_the_same_ratings_are_used_in_a_subset_that_can_stop_nothing(release: Reviewed) -> None:
    release.vote(release.pack(mode=Mode.SHADOW))
    release.manifest["gate_classes"] = [{"subset": "core", "authority": "signal", "max_failures": 0}]  # fmt: skip
    release.workspace.subset("other", 500)
    release.manifest["gate_classes"].append({"subset": "other", "authority": "block"})
    release.manifest["required_eval_subsets"] = ["other"]
    code, record = release.gate()
    states = {part["id"]: part["state"] for part in record["subsets"]}
    assert (code, states) == (0, {"core": "pass", "other": "pass"})
    assert "are a signal only" in notes(record)["ratings_no_authority"]
    decides = {part["subset"]: part["decides"] for part in record["ratings"]["found"]["coverage"]}
    assert decides == {"": "signal", "core": "signal"}


def test_raters_who_do_not_agree_decide_nothing(release: Reviewed) -> None:
    lean = {"alice": "approve", "bob": "reject", "carol": "escalate"}
    release.reviewed(lambda name, case, arm: lean[name])
    found = told(release)
    assert set(found) == {"ratings_low_agreement", "ratings_no_authority", "ratings_undecided"}
    assert "raters agree too little on actions" in found["ratings_low_agreement"]
    assert found["ratings_undecided"].startswith("core: 24 of 24 replies were rated without")


def test_who_does_not_qualify_is_named_by_hash(release: Reviewed) -> None:
    known = [
        KnownItem(input=f"question {900 + n}", outputs=(f"known {n}",), actions=((Action.REJECT,),))
        for n in range(5)
    ]
    packed = release.pack(known=known)
    release.vote(packed, lambda name, case, arm: "approve" if name == "bob" or arm != "known" else "reject")  # fmt: skip
    _, record = release.gate()
    bob = next(one.reviewer for one in packed.invitations.invitations if one.name == "bob")
    assert notes(record)["reviewers_excluded"].startswith(
        f"the votes of 1 of 3 reviewers do not count ({bob[:8]}: "
    )
    out = [one for one in record["ratings"]["found"]["reviewers"] if one["is_excluded"]]
    assert [(one["reviewer"], one["n_known"], one["n_known_right"]) for one in out] == [(bob, 5, 0)]
    for file in release.workspace.record_path.parent.iterdir():
        if file.is_file():
            assert "bob" not in file.read_text()


def test_replies_that_are_not_those_rated_are_counted(release: Reviewed) -> None:
    release.reviewed()
    release.workspace.candidate[3]["text"] = "another"
    release.workspace.cases["core"][5]["input"] = "question 77"
    found = told(release)
    assert found["ratings_stale"] == "core: 3 of 24 replies are not those that people rated, or answer another input (1 previous, 2 candidate)"  # fmt: skip


def test_replies_that_are_not_in_the_review_are_counted(release: Reviewed) -> None:
    release.vote(release.pack(release.candidates(left_out=["c004"])))
    assert told(release)["ratings_missing"] == "core: 2 of 24 replies are not in the review (1 previous, 1 candidate)"  # fmt: skip


def test_votes_that_are_missing_are_counted(release: Reviewed) -> None:
    release.reviewed(blank=lambda name, case: name == "bob" and case == "c007")
    code, record = release.gate()
    assert code == 10
    assert "(1 on the items of the release)" in notes(record)["ratings_partial"]
    assert record["ratings"]["found"]["is_partial"]
    assert record["ratings"]["found"]["coverage"][1]["decides"] == "no"


def test_a_review_of_another_release_of_the_same_models_is_held_against_digests(
    release: Reviewed,
) -> None:
    release.vote(release.pack(names=release.names(release_id="earlier")))
    assert list(told(release)) == ["ratings_of_other_release"]
    assert release.workspace.record["subsets"][0]["candidate"]["n_passed"] == N


def test_a_review_of_other_models_is_not_used_and_not_shown(release: Reviewed) -> None:
    release.vote(release.pack(names=release.names(candidate_model="acme/else-2026-05-18")))
    _, record = release.gate()
    assert list(notes(record)) == ["ratings_of_other_models"]
    assert record["ratings"]["found"] is None


def test_every_repeat_needs_its_rating_and_both_have_one(release: Reviewed) -> None:
    workspace = release.workspace
    for rows in (workspace.previous, workspace.candidate):
        rows += [{**row, "repeat": 1, "text": row["text"] + " again"} for row in rows]
    release.manifest["repeats"] = 2
    release.reviewed()
    assert told(release) == {}
    assert workspace.record["subsets"][0]["candidate"]["n_replies_passed"] == 2 * N


def test_two_arms_with_the_same_reply_share_a_rating(release: Reviewed) -> None:
    for rows in (release.workspace.previous, release.workspace.candidate):
        rows[2]["text"] = "both say the same"
    release.reviewed(lambda name, case, arm: "reject" if arm == "both" else "approve")
    _, record = release.gate()
    passed = [record["subsets"][0][arm]["n_passed"] for arm in ("previous", "candidate")]
    assert passed == [N - 1, N - 1]
    assert record["ratings"]["found"]["preferences"]["ties"] == N


def test_one_output_at_a_time_is_rated_arm_by_arm(release: Reviewed) -> None:
    release.vote(
        release.pack(mode=Mode.SINGLE),
        lambda name, case, arm: "modify" if (case, arm) == ("c003", "candidate") else "approve",
    )
    _, record = release.gate()
    found = record["ratings"]["found"]
    assert record["subsets"][0]["regressed_cases"] == ["c003"]
    assert found["preferences"] is None
    assert found["rates"]["seconds"]["candidate"]["estimate"] == 30.0
    assert (found["coverage"][0]["n_chosen"], found["coverage"][0]["n_settled"]) == (N, N)


def test_the_record_lists_every_file_that_ratings_are_made_of(release: Reviewed) -> None:
    packed = release.pack()
    release.vote(packed)
    _, record = release.gate()
    listed = {part["path"] for part in record["evidence"] if part["role"] == "review"}
    people = [one.reviewer for one in packed.invitations.invitations]
    expected = {"review.json", "key.sealed"}
    expected |= {f"{room}/{name}.json" for room in ("packets", "ballots") for name in people}
    assert listed == {f"reviews/upgrade/{name}" for name in expected}


def test_reasons_are_redacted_before_they_are_cut_and_votes_stand_by_hash(
    release: Reviewed,
) -> None:
    long = "x" * 290 + " write to ana@example.com"
    release.reviewed(
        lambda name, case, arm: "reject" if (case, arm) == ("c003", "candidate") else "approve",
        reason=lambda name, case: long if case == "c003" else "",
    )
    _, record = release.gate()
    found = record["ratings"]["found"]
    assert {one["text"] for one in found["reasons"]} == {long.replace("ana@example.com", "[email]")[:300]}  # fmt: skip
    assert {(one["case_id"], one["arm"], one["action"]) for one in found["reasons"]} == {("c003", "candidate", "reject")}  # fmt: skip
    assert "ana@example.com" not in release.workspace.record_path.read_text()
    assert record["redactions"]["email"] > 0
    (case,) = found["cases"]
    assert (case["case_id"], case["outcome"], case["consensus"]) == ("c003", "loss", {"previous": "approve", "candidate": "reject"})  # fmt: skip
    assert [(v["action"], v["category"], v["counts"]) for v in case["votes"]["candidate"]] == [("reject", "wrong", True)] * 3  # fmt: skip
    assert found["categories"] == {"previous": {}, "candidate": {"wrong": 3}}
    assert found["preferences"] | {"net": None} == {"wins": 0, "ties": N - 1, "losses": 1, "undecided": 0, "net": None}  # fmt: skip
    assert found["rates"]["reject"]["candidate"]["estimate"] == pytest.approx(1 / N)


def test_the_same_folder_gives_the_same_record(release: Reviewed) -> None:
    release.reviewed()
    first = release.gate()[1]
    assert release.gate()[1]["digest"] == first["digest"]


def test_a_vote_that_is_cast_otherwise_gives_another_record(release: Reviewed) -> None:
    packed = release.pack()
    release.vote(packed)
    first = release.gate()[1]
    release.vote(packed, lambda name, case, arm: "modify" if case == "c001" else "approve")
    second = release.gate()[1]
    assert second["digest"] != first["digest"]
    assert second["ratings"]["found"]["categories"]["candidate"] == {"wrong": 3}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["explain", "{record}"], ["What people found", "12 of 12 cases rated", "ratings decide in core", "Krippendorff's alpha"]),
        (["explain", "{record}", "--case", "c003"], ["people on the candidate reply: reject", "reject (wrong)", "preferred: loss"]),
        (["report", "{record}", "--format", "md"], ["### What people found", "modified or rejected"]),
    ],
)  # fmt: skip
def test_the_views_tell_what_people_found(
    release: Reviewed, capsys: pytest.CaptureFixture[str], words: list[str], expected: list[str]
) -> None:
    release.reviewed(lambda name, case, arm: "reject" if (case, arm) == ("c003", "candidate") else "approve")  # fmt: skip
    release.gate()
    capsys.readouterr()
    main([word.format(record=release.workspace.record_path) for word in words])
    said = capsys.readouterr().out
    for one in expected:
        assert one in said


def test_the_explanation_of_a_case_for_machines_holds_its_votes(
    release: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    release.reviewed(lambda name, case, arm: "reject" if case in ("c003", "c004") else "approve")
    release.gate()
    capsys.readouterr()
    main(["explain", str(release.workspace.record_path), "--case", "c003", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert [one["case_id"] for one in told["votes"]] == ["c003"]
    assert len(told["votes"][0]["votes"]["previous"]) == 3


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def other_rules(path: Path) -> None:
    plan = json.loads(path.read_text())
    plan["rules"]["least_agreement"] = 0.0
    path.write_text(json.dumps(plan))


@pytest.mark.parametrize(
    ("name", "spoil"),
    [("key.sealed", cut), ("review.json", other_rules), ("review.json", cut)],
    ids=["a key that was cut", "rules changed after the votes", "a plan that was cut"],
)
def test_files_that_were_touched_stop_the_gate_before_anything_is_written(
    release: Reviewed,
    capsys: pytest.CaptureFixture[str],
    name: str,
    spoil: Callable[[Path], Any],
) -> None:
    release.reviewed()
    spoil(release.folder / name)
    assert release.workspace.gate() == 2
    assert "Traceback" not in capsys.readouterr().err
    assert release.workspace.wrote_nothing()


def test_a_packet_in_which_an_output_was_edited_is_refused(
    release: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = release.pack()
    release.vote(packed)
    path = ballot_file(release.folder, packed.plan.packets[0].reviewer)
    packet = release.folder / "packets" / path.name
    packet.write_text(packet.read_text().replace("candidate says 3", "candidate says 4"))
    assert release.workspace.gate() == 2
    assert path.name in capsys.readouterr().err


def test_a_review_packed_from_the_release_itself_is_of_exactly_its_replies(
    release: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole way through the command line: pack, vote, gate; repeats, tools and personal data too."""
    workspace = release.workspace
    for rows in (workspace.previous, workspace.candidate):
        rows[0]["tool_calls"] = [{"name": "page", "arguments": {"who": "ana@example.com"}}]
        rows[1]["text"] += " and mail ana@example.com about acme/model-2026-05-18"
        rows += [{**row, "repeat": 1, "text": row["text"] + " again"} for row in rows]
    workspace.cases["core"][2]["context"] = {"log": ["a line"]}
    release.manifest["repeats"] = 2
    del release.manifest["review"]
    path = str(workspace.write())
    assert main(["review", "pack", path, "--out", str(release.folder)]) == 0
    invitations = load_invitations(release.folder)
    assert invitations is not None
    review = load_review(release.folder)
    release.vote(
        Packed(review.plan, review.packets, review.sealed, invitations),
        lambda name, case, arm: "reject" if (case, arm) == ("c003", "candidate") else "approve",
    )
    release.manifest["review"] = "reviews/upgrade"
    _, record = release.gate()
    assert not {code for code in notes(record) if code != "ratings_not_blind"}
    subset = record["subsets"][0]
    assert (subset["previous"]["n_passed"], subset["candidate"]["n_passed"]) == (N, N - 1)
    assert record["ratings"]["found"]["coverage"][0]["replies"] == {"settled": 4 * N}
    assert capsys.readouterr().err.count("Traceback") == 0


def test_a_review_that_was_merged_without_somebody_is_the_same_to_the_gate(
    release: Reviewed,
) -> None:
    packed = release.pack()
    release.vote(packed, absent=["carol"])
    folder = str(release.folder)
    assert main(["review", "merge", folder, "--partial", "--without", "carol"]) == 0
    code, record = release.gate()
    assert code == 10
    assert "ratings_partial" in notes(record)
    assert "review_not_closed" not in notes(record)
    assert record["ratings"]["found"]["is_partial"]
    carol = next(one.reviewer for one in packed.invitations.invitations if one.name == "carol")
    assert any(f"withdrawals/{carol}.json" in part["path"] for part in record["evidence"])
