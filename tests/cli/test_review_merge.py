"""From packets to a verdict: ballots that reviewers signed, merged, and judged by a gate; or refused as a whole."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hitl.review.ballot import signed_ballot
from hitl.review.folder import ballot_file, load_review
from hitl.review.votes import Ballot
from tests.cli.reviewed import said_of
from tests.cli.reviewing import EPOCH, LOCKED, SECRET, Lead
from tests.cli.workspace import Workspace

N = 30
NAMES = ("ann", "bo", "cy")
WRITTEN = {"ratings.json", "ratings.md", "ratings.html", "decisions.jsonl"}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    monkeypatch.delenv("HITL_REVIEW_SECRET", raising=False)


@pytest.fixture
def lead(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Lead:
    """A packed review of a subset whose replies people are to approve; nobody has voted."""
    release = Workspace(tmp_path)
    release.cases["core"] = release.cases["core"][:N]
    release.expect({"review": "approve"})
    release.manifest["review"] = "reviews/upgrade"
    release.gate_class["margin"] = 0.2
    for arm, rows in (("previous", release.previous), ("candidate", release.candidate)):
        del rows[N:]
        for number, row in enumerate(rows):
            row["text"] = said_of(arm, number)
    lead = Lead(release, capsys)
    lead.packed("--reviewers", ",".join(NAMES))
    return lead


def doubtful(name: str, case: str, arm: str) -> str:
    """Reject one reply in three of the candidate."""
    return "reject" if arm == "candidate" and int(case[1:]) % 3 == 0 else "approve"


def nothing_was_written(lead: Lead) -> bool:
    return not WRITTEN & lead.files().keys() and not (lead.folder / "withdrawals").exists()


def test_approved_by_all_it_ships(lead: Lead) -> None:
    lead.vote()
    code, out, _ = lead.merge()

    assert code == 0
    assert lead.files().keys() >= WRITTEN
    assert f"{N} items, 3 raters" in out
    assert lead.release.gate() == 0
    assert lead.release.record["verdict"] == "ship"


def test_rejected_by_most_it_is_held(lead: Lead) -> None:
    lead.vote(doubtful)

    assert lead.merge()[0] == 0
    assert lead.release.gate() == 10
    assert lead.ratings()["preferences"]["losses"] == N // 3


def test_a_gate_needs_no_merge_and_believes_none(lead: Lead) -> None:
    lead.vote(doubtful)
    (lead.folder / "ratings.json").write_text('{"format": "hitl/ratings/v1"}')

    assert lead.release.gate() == 10


def test_merging_twice_gives_the_same_bytes(lead: Lead) -> None:
    lead.vote(doubtful)
    lead.merge()
    first = lead.files()
    lead.merge()

    assert lead.files() == first


def test_for_machines_it_is_the_document_alone(lead: Lead) -> None:
    lead.vote()
    code, out, err = lead.merge("--json")

    assert code == 0
    assert json.loads(out) == lead.ratings()
    assert "delete it" in err  # the tokens still lie there


def test_the_decisions_are_a_log(lead: Lead) -> None:
    lead.vote(doubtful)
    lead.merge()
    rows = [json.loads(line) for line in (lead.folder / "decisions.jsonl").read_text().splitlines()]

    assert len(rows) == 2 * N
    assert sum(row["correct"] is False for row in rows) == N // 3
    assert lead.say("log", "lint", lead.folder / "decisions.jsonl")[0] == 0


# Votes that are missing


def test_who_owes_what_is_said_and_nothing_is_written(lead: Lead) -> None:
    lead.vote(names=["ann", "bo"])
    code, out, err = lead.merge()

    assert (code, out) == (12, "")
    assert f"rater {lead.hashes['cy'][:16]} has not locked and owes {N} votes" in err
    assert nothing_was_written(lead)


def test_blank_votes_are_owed_too(lead: Lead) -> None:
    lead.vote(blank=lambda shown: shown == "question 3")
    code, _, err = lead.merge()

    assert code == 12
    assert f"left 1 of {N} items blank" in err
    assert nothing_was_written(lead)
    assert lead.merge("--partial")[0] == 0
    assert lead.ratings()["is_partial"]


def test_a_part_needs_the_key_of_those_who_left(lead: Lead) -> None:
    lead.vote(names=["ann", "bo"])
    code, _, err = lead.merge("--partial")

    assert code == 12
    assert "--without" in err
    assert nothing_was_written(lead)


@pytest.mark.parametrize("by_hash", [False, True])
def test_who_left_can_be_left_out_and_the_gate_knows(lead: Lead, by_hash: bool) -> None:
    lead.vote(names=["ann", "bo"])
    who = lead.hashes["cy"]
    code, _, err = lead.merge("--partial", "--without", who[:12] if by_hash else "cy")

    assert code == 0, err
    assert lead.ratings()["is_partial"]
    assert f"withdrawals/{who}.json" in lead.files()
    assert lead.release.gate() == 10  # a part decides nothing


def test_an_adjudicator_who_was_not_needed_can_be_left_out(lead: Lead) -> None:
    lead.packed("--reviewers", ",".join(NAMES), "--adjudicator", "dora")
    lead.vote()
    assert lead.merge()[0] == 12

    assert lead.merge("--without", "dora")[0] == 0
    assert not lead.ratings()["is_partial"]
    assert lead.release.gate() == 0


def test_the_secret_does_where_invitations_were_deleted(
    lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HITL_REVIEW_SECRET", SECRET)
    lead.packed("--reviewers", ",".join(NAMES))
    review = load_review(lead.folder)
    code, _, err = lead.merge("--partial", *(word for one in review.packets for word in ("--without", one)))  # fmt: skip

    assert code == 0, err
    assert not any(item["votes"] for item in lead.ratings()["items"])


def nobody(lead: Lead) -> tuple[str, str]:
    return "zoe", "expected one of ann, bo, cy"


def locked(lead: Lead) -> tuple[str, str]:
    return "ann", "has locked"


def deleted(lead: Lead) -> tuple[str, str]:
    who = lead.hashes["cy"]
    (lead.folder / "invitations.json").unlink()
    return who, "invitations.json as it was packed"


def of_another_review(lead: Lead) -> tuple[str, str]:
    path = lead.folder / "invitations.json"
    path.write_text(path.read_text().replace(lead.tokens["cy"], "a" * 40))
    return "cy", "invitations.json as it was packed"


@pytest.mark.parametrize("spoil", [nobody, locked, deleted, of_another_review])
def test_who_cannot_be_left_out(lead: Lead, spoil: Callable[[Lead], tuple[str, str]]) -> None:
    lead.vote(names=["ann", "bo"])
    who, told = spoil(lead)
    code, _, err = lead.merge("--partial", "--without", who)

    assert code == 2
    assert told in err
    assert nothing_was_written(lead)


# Ballots that cannot count


def edited(lead: Lead, ballot: Ballot) -> Ballot:
    votes = (ballot.votes[0].model_copy(update={"reason": "edited"}), *ballot.votes[1:])
    return ballot.model_copy(update={"votes": votes})


def by_another_token(lead: Lead, ballot: Ballot) -> Ballot:
    packet = load_review(lead.folder).packets[ballot.reviewer]
    return signed_ballot(packet, ballot.votes, lead.tokens["bo"], LOCKED)


def of_another_time(lead: Lead, ballot: Ballot) -> Ballot:
    packet = load_review(lead.folder).packets[ballot.reviewer]
    return signed_ballot(packet, ballot.votes, lead.tokens["ann"], "2026-01-01T00:00:00Z")


def with_a_vote_on_nothing(lead: Lead, ballot: Ballot) -> Ballot:
    packet = load_review(lead.folder).packets[ballot.reviewer]
    vote = ballot.votes[0].model_copy(update={"item_id": "ab" * 16})
    return signed_ballot(packet, (vote, *ballot.votes), lead.tokens["ann"], LOCKED)


@pytest.mark.parametrize("forge", [edited, by_another_token, of_another_time, with_a_vote_on_nothing])  # fmt: skip
def test_a_forged_ballot_is_refused(lead: Lead, forge: Callable[[Lead, Ballot], Ballot]) -> None:
    lead.vote()
    ballot = load_review(lead.folder).ballots[lead.hashes["ann"]]
    lead.put(forge(lead, ballot))
    code, out, err = lead.merge()

    assert (code, out) == (2, "")
    assert f"{lead.hashes['ann']}.json" in err
    assert nothing_was_written(lead)
    assert lead.release.gate() == 2


def test_every_fault_is_told_at_once(lead: Lead) -> None:
    lead.vote()
    ballots = load_review(lead.folder).ballots
    for name in ("ann", "bo"):
        lead.put(edited(lead, ballots[lead.hashes[name]]))
    code, _, err = lead.merge()

    assert code == 2
    assert err.count("signature") == 2


def test_ballots_of_another_review_are_refused(lead: Lead) -> None:
    lead.vote()
    old = {name: path for name, path in lead.files().items() if name.startswith("ballots/")}
    for path in (lead.folder / "ballots").iterdir():
        path.unlink()
    lead.packed("--reviewers", ",".join(NAMES))
    for name, content in old.items():
        (lead.folder / name).write_bytes(content)
    code, _, err = lead.merge()

    assert code == 2
    assert "no reviewer of this review" in err


@pytest.mark.parametrize("name", ["key.sealed", "review.json", "packets"])
def test_what_was_packed_must_be_as_it_was(lead: Lead, name: str) -> None:
    lead.vote()
    path = lead.folder / name
    if path.is_dir():
        path = min(path.iterdir())
        path.write_bytes(path.read_bytes().replace(b"question", b"Question"))
    else:
        content = path.read_bytes()
        path.write_bytes(content.replace(b'"raters": 3', b'"raters": 2') if name == "review.json" else content[:-1])  # fmt: skip
    code, _, err = lead.merge()

    assert code == 2
    assert str(lead.folder) in err
    assert nothing_was_written(lead)


def test_a_folder_without_a_review_is_refused(lead: Lead, tmp_path: Path) -> None:
    code, _, err = lead.say("review", "merge", tmp_path / "nothing")

    assert code == 2
    assert "review.json" in err


def test_what_reviewers_type_is_shown_as_text(lead: Lead) -> None:
    typed = "\x1b[2J</script><script>alert(1)</script>\u202e[x](javascript:1)"
    lead.vote(doubtful, reason=lambda name, case: typed)
    code, out, _ = lead.merge()

    assert code == 0
    shown = [out, *((lead.folder / name).read_text() for name in ("ratings.md", "ratings.html"))]
    for text in shown:
        assert "\x1b" not in text
        assert "<script>" not in text
        assert "\u202e" not in text


def test_a_folder_that_cannot_be_written_is_told(lead: Lead) -> None:
    lead.vote()
    (lead.folder / "ratings.html").mkdir()
    code, _, err = lead.merge()

    assert code == 2
    assert "ratings.html" in err
    assert not (lead.folder / "ratings.json").exists()


def test_a_ballot_stands_under_its_own_name(lead: Lead) -> None:
    lead.vote()
    ann, bo = lead.hashes["ann"], lead.hashes["bo"]
    ballot_file(lead.folder, ann).replace(ballot_file(lead.folder, bo))
    code, _, err = lead.merge()

    assert code == 2
    assert f"is the ballot of {ann}" in err
