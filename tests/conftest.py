"""Settings for all tests: how long an example takes is never what a test is about."""

from hypothesis import settings

settings.register_profile("sxpy", deadline=None)
settings.load_profile("sxpy")
