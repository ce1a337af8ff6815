"""Settings for all tests: they are not about how long an example takes, nor about what earlier ones kept."""

import os

from hypothesis import settings

os.environ["SX_NO_CACHE"] = "1"

settings.register_profile("sxpy", deadline=None)
settings.load_profile("sxpy")
