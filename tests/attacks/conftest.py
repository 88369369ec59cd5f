from pathlib import Path

import pytest

from tests.cli.workspace import Workspace


@pytest.fixture
def release(tmp_path: Path) -> Workspace:
    """Return a release that ships until something is spoiled."""
    return Workspace(tmp_path)
