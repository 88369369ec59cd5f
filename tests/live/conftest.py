from pathlib import Path

import pytest

from tests.live.arms import Live


@pytest.fixture
def live(tmp_path: Path) -> Live:
    """Return a release whose arms are asked live, once they are served."""
    return Live(tmp_path)
