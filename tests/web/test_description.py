"""Everything that the API's description allows is asked of a live server, and more that it does not allow."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.review.releases import pairs
from tests.web.caller import Caller
from tests.web.rooms import a_room
from tests.web.served import in_thread

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance,response_headers_conformance,unsupported_method"
)


def name_items(described: dict[str, Any], known: list[str]) -> None:
    """Say which items there are, so that most of what is asked gets beyond `there is no such item`."""
    for path in described["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", []):
                parameter["schema"] = {"type": "string", "enum": [*known, "0" * 32]}


def test_schemathesis_finds_no_server_error(tmp_path: Path) -> None:
    room = a_room(tmp_path / "review", pairs(3))
    with in_thread(room, attempts=10_000) as port:
        alice = Caller(port)
        alice.enter(room.token("alice"))
        cookies = "; ".join(f"{name}={value}" for name, value in alice.cookies.items())
        described = alice.get("/openapi.json").json
        name_items(described, [item.item_id for item in room.items("alice")])
        (tmp_path / "openapi.json").write_text(json.dumps(described))
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run"),
                *("openapi.json", "--url", f"http://127.0.0.1:{port}"),
                *("--header", f"Cookie: {cookies}", "--header", f"X-CSRF-Token: {alice.csrf}"),
                *("--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--mode", "all"),
                *("--max-examples", "8", "--generation-deterministic"),
                *("--no-shrink", "--suppress-health-check", "all"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        still_there = alice.get("/api/progress")

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert still_there.status == 200
