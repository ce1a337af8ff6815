"""A short run of the fuzzer, and that it would notice.

The long run: python -m sxpy.testing.fuzz --seconds 1800
"""

from __future__ import annotations

import pytest

from sxpy.testing import fuzz
from sxpy.testing.fuzz import Fuzzer

COUNT = 1500


@pytest.fixture(scope="module")
def fuzzer() -> Fuzzer:
    return Fuzzer()


def test_a_short_run_finds_nothing(fuzzer: Fuzzer) -> None:
    failures = [str(failure) for case in range(COUNT) if (failure := fuzzer.try_case(case)) is not None]
    assert failures == []


def test_a_case_is_made_from_its_number(fuzzer: Fuzzer) -> None:
    import random  # noqa: PLC0415

    assert fuzzer.program(random.Random(7)) == fuzzer.program(random.Random(7))
    assert fuzzer.program(random.Random(7)) != fuzzer.program(random.Random(8))


def test_it_notices_an_error_that_is_no_error_of_sxpy(
    fuzzer: Fuzzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(text: str, file: str = "") -> None:
        raise ZeroDivisionError("broken")

    monkeypatch.setattr(fuzz, "read_data", broken)
    found = [failure for case in range(40) if (failure := fuzzer.try_case(case)) is not None]
    assert any("ZeroDivisionError" in failure.what for failure in found)


def test_the_command_tells_by_its_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.main(["--case", "5"]) == 0
    assert "1 cases, 0 failures" in capsys.readouterr().out
