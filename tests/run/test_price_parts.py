"""A cap needs requests of text: nobody knows beforehand how many tokens an image is."""

from datetime import UTC, datetime

import pytest

from hitl.document.schema import Json
from hitl.run.model import Request
from hitl.run.money.price import cap_problems
from tests.builders import a_manifest

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
IMAGE: Json = {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}
TEXT: Json = {"type": "text", "text": "what is this?"}
ARM = {"id": "m", "provider": "openai", "base_url": "http://localhost:8000/v1", "params": {"max_tokens": 9}}  # fmt: skip


def asked(case: str, *parts: Json) -> Request:
    return Request(case, ({"role": "user", "content": list(parts)},))


def problems(*requests: Request, into: float = 1.0, cap: float | None = 5.0) -> list[str]:
    price = {"usd_per_1m_input": into, "usd_per_1m_output": 1.0}
    manifest = a_manifest(
        [{"subset": "main", "authority": "block"}],
        limits={"max_cost_usd": cap},
        candidate_model=ARM | {"price": price},
    )
    return [f"{field}: {problem}" for field, problem in cap_problems(manifest, AT, requests)]


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (IMAGE, "image_url"),
        ({"type": "image", "source": {}}, "image"),
        ({"type": "input_audio", "input_audio": {}}, "input_audio"),
        ({"type": "file", "file": {"file_id": "f"}}, "file"),
        ({"type": "tool_result", "content": [TEXT, IMAGE]}, "image_url"),
        ({"text": "no type"}, "a part without a type"),
    ],
)
def test_a_part_that_is_no_text_is_refused_by_case_and_kind(part: Json, kind: str) -> None:
    (problem,) = problems(asked("c1", TEXT), asked("c2", TEXT, part))

    assert problem.startswith("limits.max_cost_usd: the input of 1 case holds parts")
    assert f"beforehand, so the cap cannot be kept: 'c2' ({kind}); leave the limit out" in problem


def test_audio_that_a_message_refers_to_is_no_text() -> None:
    spoken = Request("c", ({"role": "assistant", "content": None, "audio": {"id": "a"}},))

    assert "'c' (audio)" in problems(spoken)[0]


def test_ten_cases_are_named_and_the_rest_is_counted() -> None:
    (problem,) = problems(*(asked(f"c{n:02}", IMAGE) for n in range(13)))

    assert "13 cases" in problem
    assert "'c09' (image_url) and 3 more" in problem
    assert "c10" not in problem


@pytest.mark.parametrize(
    "part",
    [
        TEXT,
        {"type": "refusal", "refusal": "no"},
        {"type": "tool_use", "id": "1", "name": "logs", "input": {}},
        {"type": "tool_result", "content": "plain"},
        {"type": "tool_result", "content": [TEXT]},
    ],
)
def test_parts_of_text_keep_the_cap(part: Json) -> None:
    assert problems(asked("c", part)) == []


def test_images_may_be_sent_without_a_cap_and_where_input_is_free() -> None:
    assert problems(asked("c", IMAGE), cap=None) == []
    assert problems(asked("c", IMAGE), into=0.0) == []


def test_images_that_no_live_arm_is_asked_about_are_no_problem() -> None:
    manifest = a_manifest(
        [{"subset": "main", "authority": "block"}],
        limits={"max_cost_usd": 5.0},
        judge={"model": ARM | {"price": {"usd_per_1m_input": 1.0, "usd_per_1m_output": 1.0}}},
    )

    assert cap_problems(manifest, AT, [asked("c", IMAGE)]) == []
