"""The store's tests share the helpers of `tests/hosts`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "hosts"))
