"""The fault tests share the helpers of the store's other tests, `tests/hosts/store_support.py`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "hosts"))
