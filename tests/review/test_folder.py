"""A review on disk: read back only as it was packed, written only where nobody has voted."""

import json
import os
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hitl.errors import DocumentError, UsageError
from hitl.review.ballot import signed_ballot
from hitl.review.folder import (
    ballot_file,
    load_ballots,
    load_invitations,
    load_review,
    packet_file,
    withdrawal_file,
)
from hitl.review.packed import Packed
from hitl.review.tokens import unseal_share
from hitl.review.writing import own_bytes, write_review
from tests.review.by_hand import SECRET
from tests.review.releases import PEOPLE, packed, pairs

AT = "2026-05-18T12:00:00Z"


@pytest.fixture
def review() -> Packed:
    return packed(pairs(4))


@pytest.fixture
def folder(tmp_path: Path, review: Packed) -> Path:
    path = tmp_path / "review"
    write_review(path, review, with_invitations=True)
    return path


@pytest.fixture
def reviewers(review: Packed) -> list[str]:
    return sorted(review.packets)


def edit(path: Path, change: Callable[[Any], None]) -> None:
    content = json.loads(path.read_bytes())
    change(content)
    path.write_text(json.dumps(content))


def problems(folder: Path) -> dict[str, list[str]]:
    """Return what is wrong, by file name."""
    with pytest.raises(DocumentError) as caught:
        load_review(folder)
    found: dict[str, list[str]] = {}
    for mistake in caught.value.mistakes:
        found.setdefault(str(Path(mistake.file).relative_to(folder)), []).append(f"{mistake.field}: {mistake.problem}")  # fmt: skip
    return found


def a_ballot(review: Packed, folder: Path, number: int = 0) -> Path:
    one = review.invitations.invitations[number]
    ballot = signed_ballot(review.packets[one.reviewer], (), one.token, AT)
    path = ballot_file(folder, one.reviewer)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(own_bytes(ballot))
    return path


def test_what_was_written_is_what_is_read(folder: Path, review: Packed) -> None:
    found = load_review(folder)
    assert (found.plan, found.packets, found.sealed) == (review.plan, review.packets, review.sealed)
    assert (found.path, found.ballots) == (folder, {})
    assert load_invitations(folder) == review.invitations


def test_invitations_are_for_the_lead_alone(folder: Path, review: Packed, tmp_path: Path) -> None:
    mode = stat.S_IMODE((folder / "invitations.json").stat().st_mode)
    assert mode == 0o600
    other = tmp_path / "other"
    write_review(other, review, with_invitations=False)
    assert load_invitations(other) is None
    tokens = [one.token.encode() for one in review.invitations.invitations]
    written = b"".join(path.read_bytes() for path in other.rglob("*") if path.is_file())
    assert not any(token in written or SECRET in written for token in tokens)


def test_invitations_never_had_wider_rights(tmp_path: Path, review: Packed) -> None:
    """Every file that is opened for writing is opened for the owner alone, whatever the umask allows."""
    seen: list[int] = []
    path = tmp_path / "review"
    is_watching = [True]  # a hook of this kind cannot be taken away again

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if is_watching[0] and event in ("os.rename", "os.chmod") and path.exists():
            files = path.glob("*invitations*")
            seen.extend(stat.S_IMODE(file.stat().st_mode) for file in files)

    before = os.umask(0)
    sys.addaudithook(watch)
    try:
        write_review(path, review, with_invitations=True)
    finally:
        is_watching[0] = False
        os.umask(before)
    assert set(seen) == {0o600}


def test_ballots_are_read_with_the_review(folder: Path, review: Packed) -> None:
    a_ballot(review, folder, 0)
    a_ballot(review, folder, 2)
    reviewers = {review.invitations.invitations[number].reviewer for number in (0, 2)}
    assert set(load_review(folder).ballots) == reviewers


def test_every_packet_that_was_edited_is_named(folder: Path, reviewers: list[str]) -> None:
    for reviewer in reviewers[:2]:
        edit(packet_file(folder, reviewer), lambda packet: packet["items"][0].update(input="other"))
    found = problems(folder)
    assert set(found) == {f"packets/{reviewer}.json" for reviewer in reviewers[:2]}
    assert all("not the packet that review.json commits to" in told[0] for told in found.values())


def test_packets_that_changed_places_are_refused(folder: Path, reviewers: list[str]) -> None:
    one, other = (packet_file(folder, reviewer) for reviewer in reviewers[:2])
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    found = problems(folder)
    assert len(found) == 2
    assert all(any(line.startswith("reviewer: found") for line in told) for told in found.values())


def test_a_packet_of_another_review_is_refused(folder: Path, reviewers: list[str]) -> None:
    foreign = packed(pairs(5), title="Other answers")
    packet_file(folder, reviewers[0]).write_bytes(own_bytes(foreign.packets[reviewers[0]]))
    fields = {line.split(":")[0] for line in problems(folder)[f"packets/{reviewers[0]}.json"]}
    assert {"key_digest", "title"} <= fields


def test_a_packet_of_nobody_is_refused(folder: Path, reviewers: list[str]) -> None:
    shutil.copy(packet_file(folder, reviewers[0]), packet_file(folder, "ab" * 16))
    (told,) = problems(folder)[f"packets/{'ab' * 16}.json"]
    assert "is the packet of nobody" in told


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda plan: plan["rules"].update(raters=1), id="raters"),
        pytest.param(lambda plan: plan["rules"].update(least_agreement=0.0), id="least agreement"),
        pytest.param(lambda plan: plan["rules"]["blindness"].update(label="blind"), id="label"),
        pytest.param(lambda plan: plan["rules"]["sample"].update(n_population=9), id="sample"),
    ],
)
def test_rules_that_were_edited_after_packing_fit_no_packet(folder: Path, change: Callable[[Any], None]) -> None:  # fmt: skip
    edit(folder / "review.json", change)
    found = problems(folder)
    assert len(found) == 4
    assert all(told[0].startswith("rules_digest: found") for told in found.values())


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", "another"), ("review_id", "ab" * 16), ("key_digest", "ab" * 32)],
)
def test_other_edits_of_the_plan_are_seen_too(folder: Path, field: str, value: str) -> None:
    edit(folder / "review.json", lambda plan: plan.update({field: value}))
    assert any(line.startswith(f"{field}: ") for told in problems(folder).values() for line in told)


def test_a_reviewer_who_is_dropped_from_the_plan_leaves_a_packet_of_nobody(folder: Path, reviewers: list[str]) -> None:  # fmt: skip
    edit(folder / "review.json", lambda plan: plan["packets"].pop())
    assert set(problems(folder)) == {f"packets/{reviewers[-1]}.json"}


def test_a_reviewer_who_is_named_twice_is_refused(folder: Path) -> None:
    edit(folder / "review.json", lambda plan: plan["packets"].append(plan["packets"][0]))
    assert "names a reviewer twice" in problems(folder)["review.json"][0]


@pytest.mark.parametrize("field", ["public_key", "token_digest"])
def test_two_reviewers_with_one_token_are_one_person_and_refused(folder: Path, field: str) -> None:
    def give(plan: Any) -> None:  # noqa: ANN401  # JSON
        plan["packets"][1][field] = plan["packets"][0][field]

    edit(folder / "review.json", give)
    assert any("two reviewers the same token" in told for told in problems(folder)["review.json"])


@pytest.mark.parametrize("content", [b"", b"x", None])
def test_a_key_that_is_empty_changed_or_missing_is_refused(folder: Path, content: bytes | None) -> None:  # fmt: skip
    key = folder / "key.sealed"
    key.unlink() if content is None else key.write_bytes(content)
    assert set(problems(folder)) == {"key.sealed"}


def test_all_faults_of_a_folder_are_told_at_once(folder: Path, review: Packed, reviewers: list[str]) -> None:  # fmt: skip
    packet_file(folder, reviewers[0]).unlink()
    packet_file(folder, reviewers[1]).write_text("{")
    packet_file(folder, reviewers[2]).write_text('{"format": "hitl/ballot/v1"}')
    (folder / "key.sealed").write_bytes(b"x")
    a_ballot(review, folder).write_text("[]")
    assert len(problems(folder)) == 5


def test_links_are_refused_wherever_they_stand(folder: Path, review: Packed, reviewers: list[str], tmp_path: Path) -> None:  # fmt: skip
    for file in (folder / "key.sealed", packet_file(folder, reviewers[0]), a_ballot(review, folder)):  # fmt: skip
        moved = tmp_path / file.name
        file.rename(moved)
        file.symlink_to(moved)
    assert all("is a link" in told[0] for told in problems(folder).values())
    assert len(problems(folder)) == 3


@pytest.mark.parametrize("name", ["packets", "ballots"])
def test_a_folder_that_is_a_link_is_refused(folder: Path, review: Packed, tmp_path: Path, name: str) -> None:  # fmt: skip
    a_ballot(review, folder)
    (folder / name).rename(tmp_path / name)
    (folder / name).symlink_to(tmp_path / name)
    assert name in problems(folder)


def test_a_plan_that_is_a_link_or_missing_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "review.json").rename(tmp_path / "plan")
    assert "no such file" in problems(folder)["review.json"][0]
    (folder / "review.json").symlink_to(tmp_path / "plan")
    assert "is a link" in problems(folder)["review.json"][0]


def test_a_key_that_stands_twice_in_a_packet_is_refused(folder: Path, reviewers: list[str]) -> None:
    path = packet_file(folder, reviewers[0])
    path.write_text(path.read_text().replace('"title":', '"title": "x", "title":', 1))
    assert "stands twice" in problems(folder)[f"packets/{reviewers[0]}.json"][0]


def test_a_ballot_under_another_name_is_refused(folder: Path, review: Packed) -> None:
    own = a_ballot(review, folder)
    shutil.copy(own, own.with_name("copy.json"))
    with pytest.raises(DocumentError, match=r"copy\.json: reviewer: is a second ballot of"):
        load_ballots(folder)
    own.unlink()
    with pytest.raises(DocumentError, match=rf"expected in {own.name}: rename it"):
        load_ballots(folder)


def test_a_reviewer_whose_name_is_too_long_for_a_file_is_a_mistake_and_no_crash(folder: Path, review: Packed) -> None:  # fmt: skip
    long = "ab" * 128
    edit(folder / "review.json", lambda plan: plan["packets"][0].update(reviewer=long))
    edit(a_ballot(review, folder), lambda ballot: ballot.update(reviewer=long))
    found = problems(folder)
    assert "cannot be read" in found[f"packets/{long}.json"][0]
    assert len(found) == 3


def test_hidden_files_of_editors_and_pages_are_no_ballots(folder: Path, review: Packed, reviewers: list[str]) -> None:  # fmt: skip
    a_ballot(review, folder).with_name(".draft.json").write_text("{")
    packet_file(folder, reviewers[0]).with_suffix(".html").write_text("<!doctype html>")
    assert len(load_review(folder).ballots) == 1


@pytest.mark.parametrize(
    "vote", ["ballots/abc.json", "withdrawals/abc.json", "withdrawals", "votes.sqlite", "votes.sqlite-wal", "ratings.json", "decisions.jsonl"]
)  # fmt: skip
def test_a_review_in_which_people_have_voted_is_not_overwritten(folder: Path, vote: str) -> None:
    (folder / vote).parent.mkdir(exist_ok=True)
    (folder / vote).write_text("votes")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match=r"people have voted .* choose another folder with --out"):
        write_review(folder, packed(pairs(9)), with_invitations=True)
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_review_without_votes_is_replaced_whole(folder: Path) -> None:
    (folder / "ballots").mkdir()
    packets = list((folder / "packets").glob("*.json"))
    packets[0].with_suffix(".html").write_text("old page")
    newer = packed(pairs(9), people=PEOPLE[:2])
    write_review(folder, newer, with_invitations=False)
    found = load_review(folder)
    assert found.plan == newer.plan
    assert not list((folder / "packets").glob("*.html"))
    assert load_invitations(folder) is None, "tokens of the old review are gone"


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, review: Packed) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match=r"no part of a review \(thesis\.txt\)"):
        write_review(tmp_path, review, with_invitations=True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(UsageError, match="cannot be read"):
        write_review(tmp_path / "thesis.txt", review, with_invitations=True)


def test_packets_are_not_written_through_a_link(tmp_path: Path, review: Packed) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "review"
    elsewhere.mkdir()
    folder.mkdir()
    (folder / "packets").symlink_to(elsewhere)
    with pytest.raises(UsageError, match="is a link"):
        write_review(folder, review, with_invitations=True)
    assert not list(elsewhere.iterdir())


def test_a_write_that_breaks_off_leaves_no_review_and_no_mixture(folder: Path) -> None:
    """A folder in the place of a packet's file stops the writing in the middle."""
    newer = packed(pairs(9))
    packet_file(folder, max(newer.packets)).unlink()
    packet_file(folder, max(newer.packets)).mkdir()
    with pytest.raises(UsageError):
        write_review(folder, newer, with_invitations=True)
    with pytest.raises(DocumentError, match=r"review\.json: no such file"):
        load_review(folder)


def withdraw(folder: Path, review: Packed, number: int = 0, **changes: object) -> Path:
    one = review.invitations.invitations[number]
    content = {
        "format": "hitl/withdrawal/v1",
        "review_id": review.plan.review_id,
        "reviewer": one.reviewer,
        "share": unseal_share(one.token, review.plan.review_id),
        "at": "2026-05-20T00:00:00Z",
    } | changes
    path = withdrawal_file(folder, one.reviewer)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def test_a_reviewer_who_was_left_out_is_read_with_their_part_of_the_key(
    folder: Path, review: Packed
) -> None:
    withdraw(folder, review)
    one = review.invitations.invitations[0]

    assert load_review(folder).released == {one.reviewer: unseal_share(one.token, review.plan.review_id)}  # fmt: skip


def test_a_ballot_beside_a_released_part_of_the_key_is_refused(
    folder: Path, review: Packed
) -> None:
    a_ballot(review, folder)
    path = withdraw(folder, review)

    assert "nobody can say that it was given before" in problems(folder)[f"withdrawals/{path.name}"][0]  # fmt: skip


def test_a_release_of_another_review_is_refused(folder: Path, review: Packed) -> None:
    path = withdraw(folder, review, review_id="ab" * 8)

    assert "another review" in problems(folder)[f"withdrawals/{path.name}"][0]
