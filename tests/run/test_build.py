"""What would stop a run half way is found before the first call."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hitl.errors import DocumentError
from hitl.run.build import Workplace, refuse_unusable
from hitl.run.model import MAYBE_PAID, Fault, Request
from tests.builders import a_manifest

ARM = {
    "id": "m",
    "provider": "openai",
    "base_url": "http://localhost:8000/v1",
    "params": {"max_tokens": 9},
    "price": {"usd_per_1m_input": 1.0, "usd_per_1m_output": 1.0},
}


def test_a_capped_run_with_an_image_is_refused_and_one_of_text_is_not(tmp_path: Path) -> None:
    manifest = a_manifest(
        [{"subset": "main", "authority": "block"}],
        limits={"max_cost_usd": 5.0},
        candidate_model=ARM,
    )
    at = datetime(2026, 11, 21, tzinfo=UTC)
    place = Workplace(tmp_path, {}, manifest.limits, 1, at)
    specs = {"candidate": manifest.candidate_model}
    text = Request("c1", ({"role": "user", "content": "hi"},))
    image = Request("c2", ({"role": "user", "content": [{"type": "image_url"}]},))

    refuse_unusable(manifest, specs, place, tmp_path / "release.yaml", [text])
    with pytest.raises(DocumentError, match=r"limits\.max_cost_usd.*'c2' \(image_url\)"):
        refuse_unusable(manifest, specs, place, tmp_path / "release.yaml", [text, image])


@pytest.mark.parametrize("fault", [Fault.CRASHED, Fault.SERVER])
def test_what_may_fail_after_the_model_answered_may_have_been_paid(fault: Fault) -> None:
    assert fault in MAYBE_PAID


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.REJECTED, Fault.UNAUTHORIZED, Fault.NOT_FOUND, Fault.RATE_LIMITED])  # fmt: skip
def test_what_no_model_answered_costs_nothing(fault: Fault) -> None:
    assert fault not in MAYBE_PAID
