"""Tests share builders: `from tests.builders import a_release`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
