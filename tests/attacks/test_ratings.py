"""People's approval is asked for: nothing but their votes on exactly these replies may stand for it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hitl.review.folder import ballot_file
from hitl.review.qualification import KnownItem
from hitl.review.words import Action, Mode
from tests.cli.reviewed import Reviewed, said_of
from tests.cli.workspace import refuse

N = 16


@pytest.fixture
def release(tmp_path: Path) -> Reviewed:
    """Return a release that ships only if people approve every reply of 16 cases."""
    found = Reviewed(tmp_path, N)
    found.manifest["gate_classes"] = [{"subset": "core", "authority": "block", "max_failures": 0}]
    return found


def reject_candidate(name: str, case: str, arm: str) -> str:
    return "reject" if arm == "candidate" else "approve"


def codes(record: dict[str, object]) -> set[str]:
    return {note["code"] for note in record["findings"]}  # type: ignore[index,attr-defined]  # JSON


def test_a_release_that_people_approve_ships(release: Reviewed) -> None:
    release.reviewed()
    code, record = release.gate()
    assert code == 0, record["reasons"]
    assert not {one for one in codes(record) if one.startswith(("rating", "review"))}
    assert [layer["n_settled"] for layer in record["cascade"]] == [0, 0, 2 * N]
    assert record["subsets"][0]["candidate"]["n_passed"] == N


def test_a_release_that_people_reject_does_not(release: Reviewed) -> None:
    release.reviewed(reject_candidate)
    code, record = release.gate()
    assert (code, record["subsets"][0]["state"]) == (10, "fail")
    assert record["failures"][0]["expected"] == ["people approve it"]
    assert record["failures"][0]["candidate"]["findings"] == [
        "people approve it: people: reject, 3 of 3: wrong"
    ]


def spoil_nothing_is_named(release: Reviewed) -> None:
    release.reviewed()
    del release.manifest["review"]


def spoil_labels_say_so(release: Reviewed) -> None:
    spoil_nothing_is_named(release)
    labels = {"review": "approve", "approved": True, "people": "approve", "human_action": "approve"}
    release.workspace.both(labels=labels)


def spoil_nobody_voted(release: Reviewed) -> None:
    release.pack()


def spoil_one_has_not_locked(release: Reviewed) -> None:
    release.reviewed(absent=["bob"])


def spoil_somebody_left_blanks(release: Reviewed) -> None:
    release.reviewed(blank=lambda name, case: name == "bob" and case == "c007")


def spoil_other_replies(release: Reviewed) -> None:
    release.reviewed()
    for row in release.workspace.candidate:
        row["text"] += " and more"


def spoil_one_other_reply(release: Reviewed) -> None:
    release.reviewed()
    release.workspace.candidate[3]["text"] += " and more"


def spoil_a_tool_call_beside_the_rated_text(release: Reviewed) -> None:
    release.reviewed()
    release.workspace.candidate[3]["tool_calls"] = [{"name": "delete_all", "arguments": {}}]


def spoil_replies_of_each_other(release: Reviewed) -> None:
    """Each arm gives what the other gave; the models keep their names."""
    release.reviewed(reject_candidate)
    one, other = release.workspace.previous, release.workspace.candidate
    release.workspace.previous, release.workspace.candidate = other, one


def spoil_models_swapped(release: Reviewed) -> None:
    release.reviewed()
    manifest, workspace = release.manifest, release.workspace
    before, after = manifest["previous_model"]["id"], manifest["candidate_model"]["id"]
    manifest["previous_model"]["id"], manifest["candidate_model"]["id"] = after, before
    manifest["rollback_rule"]["to"] = after
    workspace.previous, workspace.candidate = workspace.candidate, workspace.previous


def spoil_another_model(release: Reviewed) -> None:
    release.reviewed()
    release.manifest["candidate_model"]["id"] = "acme/model-2026-06-01"


def spoil_another_workflow(release: Reviewed) -> None:
    release.vote(release.pack(names=release.names(workflow_id="another")))


def spoil_another_case(release: Reviewed) -> None:
    release.reviewed()
    release.workspace.cases["core"][5]["input"] = "a question that nobody saw"


def spoil_other_evidence(release: Reviewed) -> None:
    release.reviewed()
    release.workspace.cases["core"][5]["context"] = {"documents": ["a new one"]}


def spoil_ratings_of_other_cases(release: Reviewed) -> None:
    """The ratings of one case under the name of another, with the same text."""
    release.reviewed()
    for number, row in enumerate(release.workspace.candidate):
        row["text"] = said_of("candidate", (number + 1) % N)


def spoil_not_in_the_review(release: Reviewed) -> None:
    release.vote(release.pack(release.candidates(left_out=["c004"])))


def spoil_a_repeat_that_nobody_rated(release: Reviewed) -> None:
    release.reviewed()
    for row in [*release.workspace.candidate]:
        release.workspace.candidate.append({**row, "repeat": 1})
    for row in [*release.workspace.previous]:
        release.workspace.previous.append({**row, "repeat": 1})
    release.manifest["repeats"] = 2


def spoil_they_do_not_agree(release: Reviewed) -> None:
    """Everybody has a lean of their own, and the majority approves."""
    out = {"alice": 0, "bob": 1, "carol": 2}
    release.reviewed(lambda name, case, arm: "escalate" if int(case[1:]) % 3 == out[name] else "approve")  # fmt: skip


def spoil_nobody_decides(release: Reviewed) -> None:
    said = {"alice": "approve", "bob": "modify", "carol": "escalate"}
    release.reviewed(lambda name, case, arm: said[name] if case == "c001" else "approve")


def spoil_open_labels(release: Reviewed) -> None:
    release.vote(release.pack(mode=Mode.SHADOW))


def spoil_one_rater(release: Reviewed) -> None:
    release.vote(release.pack(people=["alice"], raters=1))


def spoil_two_of_three_did_not_qualify(release: Reviewed) -> None:
    """Alice and bob wave everything through, known faults too; carol alone reads."""
    known = [
        KnownItem(input=f"question {900 + n}", outputs=(f"known {n}",), actions=((Action.REJECT,),))
        for n in range(5)
    ]
    release.vote(release.pack(known=known), lambda name, case, arm: "reject" if name == "carol" else "approve")  # fmt: skip


def spoil_one_who_waves_through_is_excluded(release: Reviewed) -> None:
    """Without bob's approval one says approve and one says reject."""
    known = [
        KnownItem(input=f"question {900 + n}", outputs=(f"known {n}",), actions=((Action.REJECT,),))
        for n in range(5)
    ]

    def opinion(name: str, case: str, arm: str) -> str:
        if arm == "known":
            return "approve" if name == "bob" else "reject"
        return "reject" if name == "carol" and case == "c009" else "approve"

    release.vote(release.pack(known=known), opinion)


SPOILS = [value for name, value in list(globals().items()) if name.startswith("spoil_")]


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: spoil.__name__.removeprefix("spoil_"))
def test_no_subset_ships_on_what_people_did_not_approve(
    release: Reviewed, spoil: Callable[[Reviewed], None]
) -> None:
    spoil(release)
    code, record = release.gate()
    assert code == 10
    subset = record["subsets"][0]
    assert (subset["id"], subset["state"]) == ("core", "unmeasured"), subset["reason"]


def test_a_written_ratings_file_is_believed_by_nobody(release: Reviewed) -> None:
    release.reviewed(reject_candidate)
    (release.folder / "ratings.json").write_text(json.dumps({"format": "hitl/ratings/v1", "items": []}))  # fmt: skip
    assert release.gate()[0] == 10


def test_ballots_that_were_touched_are_refused_before_anything_is_asked(
    release: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = release.pack()
    release.vote(packed, reject_candidate)
    path = ballot_file(release.folder, packed.plan.packets[0].reviewer)
    path.write_text(path.read_text().replace('"reject"', '"approve"'))
    refuse(release.workspace, capsys, path.name, "signature")


def test_a_second_ballot_of_somebody_is_refused(
    release: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = release.pack()
    release.vote(packed)
    path = ballot_file(release.folder, packed.plan.packets[0].reviewer)
    (path.parent / "again.json").write_bytes(path.read_bytes())
    refuse(release.workspace, capsys, "again.json", "second ballot")


def test_a_ballot_in_the_name_of_one_who_has_not_locked_is_refused(
    release: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = release.pack()
    release.vote(packed, absent=["bob"])
    by_name = {one.name: one.reviewer for one in packed.invitations.invitations}
    other = json.loads(ballot_file(release.folder, by_name["alice"]).read_text())
    other["reviewer"] = by_name["bob"]
    ballot_file(release.folder, by_name["bob"]).write_text(json.dumps(other))
    refuse(release.workspace, capsys, by_name["bob"])


def test_a_review_that_is_not_there_is_refused(
    release: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    refuse(release.workspace, capsys, "review.json")


def test_a_key_of_another_review_is_refused(
    release: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whose output was whose cannot be decided once the votes are known."""
    release.reviewed(reject_candidate)
    other = Reviewed(release.workspace.root)
    other.folder = release.workspace.root / "other"
    other.pack(names=other.names(release_id="other"))
    sealed = (other.folder / "key.sealed").read_bytes()
    (release.folder / "key.sealed").write_bytes(sealed)
    refuse(release.workspace, capsys, "key.sealed")
