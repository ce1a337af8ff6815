"""What is built works where nothing else is: the wheel in an empty environment, from the root directory."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

import sxpy

ROOT = Path(__file__).resolve().parent.parent


def _run(*command: str | Path, env: Mapping[str, str] | None = None, cwd: Path = Path("/")) -> str:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("SX_", "PYTHON"))}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**clean, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory with the sdist, and the wheel that was built from the sdist."""
    out = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--outdir", out, ROOT)
    return out


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `sx` of an environment that holds the wheel and what it needs."""
    environment = tmp_path_factory.mktemp("empty")
    _run(sys.executable, "-m", "venv", environment)
    (wheel,) = built.glob("*.whl")
    _run(environment / "bin" / "pip", "install", "--quiet", wheel)
    return environment / "bin" / "sx"


def _sources(directory: str) -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for path in (ROOT / directory).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("scoreboard.")
    }


def test_the_wheel_holds_everything(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = {name.removeprefix("hosts/") for name in _sources("sxpy") | _sources("hosts")}
    shipped |= {f"sxpy/shipped/{name}" for name in _sources("lib")}
    assert shipped - names == set()
    assert {name for name in names if name.startswith(("tests/", "docs/"))} == set()


def test_the_sdist_holds_everything(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for directory in ("sxpy", "hosts", "lib", "tests", "docs", "examples"):
        assert _sources(directory) - names == set()
    assert {"README.md", "LICENSE", "CHANGELOG.md", "persist_durable_test.sh"} <= names


def test_sx_works_from_anywhere(installed: Path) -> None:
    assert _run(installed, "--version") == f"sx {sxpy.__version__}\n"
    assert _run(installed, "eval", "(+ 1 2)") == "3\n"


def test_the_library_is_found_from_anywhere(installed: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.sx"
    program.write_text(
        '(load "lib/persist/all.sx")\n'
        "(define b (persist/durable-backend))\n"
        '(persist/append b "s" "t" 0 nil)\n'
        '(display (persist/last-seq b "s"))\n',
        encoding="utf-8",
    )
    where = {"SX_PERSIST_DIR": str(tmp_path / "store")}
    assert _run(installed, "run", program, env=where) == "1"
    assert _run(installed, "run", program, env=where) == "2"


def test_the_packages_are_typed(installed: Path) -> None:
    code = "import sxpy, sxpy_hosts; print(*[p.__path__[0] for p in (sxpy, sxpy_hosts)], sep='\\n')"
    for package in _run(installed.parent / "python", "-c", code).splitlines():
        assert (Path(package) / "py.typed").exists()
