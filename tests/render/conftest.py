"""The tests of the views share hand-made records: `from tests.render.sample_record import a_hold`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
