"""Services that some tests need: where one is missing the test is skipped, or fails where none may be missing."""

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip a test; with HITL_REQUIRE_SERVICES=1, as in continuous integration, let it fail."""
    if os.environ.get("HITL_REQUIRE_SERVICES") == "1":
        pytest.fail(f"HITL_REQUIRE_SERVICES=1, and {what}")
    pytest.skip(what)
