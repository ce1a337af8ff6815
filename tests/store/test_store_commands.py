"""`sx store …` as an operator meets it: answers, exit statuses, hostile names."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from store_support import ask, event
from test_erase import SECRET, fill, is_clean

from sxpy.cli.main import main
from sxpy.cli.store.group import COMMANDS
from sxpy.cli.store.options import shown
from sxpy.reader import read_datum
from sxpy_hosts.disk import open_host
from sxpy_hosts.verify import verify

HOSTILE = [
    "",
    "\x1b[2J",
    "a\nb",
    'quote " back \\',
    "\ud800",
    "\u202egnp.exe",
    "--json",
    "é" * 200,
    "$global",
]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SX_PERSIST_DIR", str(tmp_path / "root"))
    monkeypatch.chdir(tmp_path)
    with closing(open_host(tmp_path / "root")) as host:
        fill(host, pad=600)
    yield tmp_path / "root"
    assert verify(tmp_path / "root").problems == []


def store(*args: str, input: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["store", *args], input=input, prog_name="sx")


def lines(*args: str) -> list[Any]:
    """What a command that goes well answers as JSON."""
    result = store(*args, "--json")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_every_command_is_there_and_says_what_it_does() -> None:
    for name in COMMANDS:
        result = store(name, "--help")
        assert result.exit_code == 0 and "--json" in result.stdout, name
    assert "Did you mean 'verify'?" in store("verfy").stderr


def test_looking(root: Path) -> None:
    assert [(found["stream"], found["last"], found["count"]) for found in lines("ls")] == [
        ("notes", 1, 1),
        ("orders", 6, 6),
    ]
    assert {"key": "other", "bytes": 7} in lines("ls", "--keys")
    assert len(lines("ls", "--blobs")) == 2
    assert store("ls").stdout.splitlines()[1].endswith(' "orders"')
    found = store("cat", "orders", "--from", "3", "--to", "4").stdout.splitlines()
    assert [read_datum(line).get("seq") for line in found] == [3, 4]
    assert store("cat", "orders", "--type", "no").stdout == ""
    assert len(store("tail", "orders", "-n", "2").stdout.splitlines()) == 2
    assert store("get", "other").stdout == '"stays"\n'
    assert store("put", "n", "(+ 1 2)").exit_code == 0
    assert store("get", "n").stdout == "3\n"
    (stat,) = lines("stat")
    assert (stat["streams"], stat["events"], stat["blobs"], stat["format"]) == (2, 7, 2, 1)
    (checked,) = lines("verify")
    assert checked["problems"] == []
    assert {found["name"] for found in lines("doctor")} >= {"permissions", "sync", "write lock"}


def test_what_is_not_there_is_status_1_and_wrong_usage_2(root: Path) -> None:
    for args in (
        ["cat", "nope"],
        ["tail", "nope"],
        ["get", "nope"],
        ["export", "nope"],
        ["erase", "--yes", "a", "1"],
    ):
        result = store(*args)
        assert (result.exit_code, result.stdout) == (1, ""), args
        assert result.stderr.startswith("error: "), args
    for args in (
        ["cat"],
        ["ls", "--keys", "--blobs"],
        ["erase", "orders"],
        ["erase", "orders", "x"],
        ["nope"],
    ):
        assert store(*args).exit_code == 2, args
    for name in COMMANDS:
        extra = {"cat": ["s"], "tail": ["s"], "get": ["k"], "put": ["k", "1"], "backup": ["d"]}
        extra |= {"restore": ["nowhere", "d"], "import": ["-"], "erase": ["--yes", "--key", "k"]}
        result = store(name, "--store", "nowhere", *extra.get(name, []))
        assert result.exit_code == 1, name
        assert not Path("nowhere").exists(), name


def test_any_name_is_printed_safely_and_accepted(root: Path) -> None:
    with closing(open_host(root)) as host:
        for name in HOSTILE:
            ask(host, "append", name, event(name, 1, name))
            ask(host, "kv-put", name, name)
    for listing in (store("ls"), store("ls", "--keys")):
        for line in listing.stdout.splitlines():
            assert all(char.isprintable() for char in line)
    names = {found["stream"] for found in lines("ls")}
    assert names >= set(HOSTILE)
    for name in HOSTILE:
        assert read_datum(shown(name)) == name
        found = store("cat", "--sx", "--", shown(name)).stdout
        assert read_datum(found).get("data") == name
        assert read_datum(store("get", "--sx", "--", shown(name)).stdout) == name
    assert store("cat", "--sx", "(1)").exit_code == 2


def test_tail_follows(root: Path) -> None:
    code = "from sxpy.cli.main import main; main(prog_name='sx')"
    command = [sys.executable, "-c", code, "store", "tail", "-f", "--store", str(root), "new"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={"PYTHONUNBUFFERED": "1"}) as child:
        assert child.stdout is not None
        with closing(open_host(root)) as host:
            for seq in (1, 2):
                ask(host, "append", "new", event("new", seq))
                assert read_datum(child.stdout.readline().decode()).get("seq") == seq
        child.send_signal(signal.SIGINT)
        assert child.wait(10) == 130


def test_backup_restore_export_import(root: Path, tmp_path: Path) -> None:
    (done,) = lines("backup", "b1")
    assert done["linked"] == 0
    (done,) = lines("backup", "b2", "--incremental", "b1")
    assert done["linked"] > 0
    assert store("backup", "b1").exit_code == 1
    (done,) = lines("restore", "b2", "restored")
    text = store("export").stdout_bytes
    assert store("export", "--store", "restored").stdout_bytes == text
    assert lines("export", "-o", "file.sx")[0]["events"] == 7
    assert Path("file.sx").read_bytes() == text
    assert lines("import", "file.sx", "--store", "imported")[0]["events"] == 7
    assert store("export", "--store", "imported").stdout_bytes == text
    assert store("import", "-", "--store", "again", input=text).exit_code == 0
    assert store("import", "-", "--store", "cut", input=text[:-9]).exit_code == 1
    for name in ("b1", "b2", "restored", "imported", "again"):
        assert verify(tmp_path / name).problems == []
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_compact_gc_erase(root: Path) -> None:
    with closing(open_host(root)) as host:
        ask(host, "blob/put", "nobody mentions it", None)
        ask(host, "truncate", "orders", 2)
    (sizes,) = lines("compact")
    assert sizes["after"] < sizes["before"]
    assert lines("gc") == []  # it is too young
    (found,) = lines("gc", "--min-age", "0")
    assert found["removed"] is False and len(lines("ls", "--blobs")) == 3
    assert lines("gc", "--min-age", "0", "--remove") == [{"cid": found["cid"], "removed": True}]
    assert len(lines("ls", "--blobs")) == 2
    with closing(open_host(root)) as host:  # a file name that was removed can be used again
        ask(host, "blob/put", "nobody mentions it", None)
    assert len(lines("ls", "--blobs")) == 3
    assert store("erase", "orders", "3", input=b"n\n").exit_code == 1
    assert SECRET in store("cat", "orders").stdout
    assert lines("erase", "orders", "3", "4", "--key", "snapshot/customers", "--yes") == [
        {"events": 2, "keys": 1, "blobs": 1}
    ]
    assert is_clean({str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()})
    assert lines("erase", "--stream", "orders", "--yes")[0]["events"] == 2
    assert [(found["last"], found["count"]) for found in lines("ls")] == [(1, 1), (6, 0)]


def test_verify_and_repair(root: Path) -> None:
    assert store("repair").stdout == "nothing is damaged\n"
    keys = next((root / "keys").iterdir())
    data = bytearray(keys.read_bytes())
    data[40] ^= 1
    keys.write_bytes(data)
    result = store("verify")
    assert result.exit_code == 1 and str(keys) in result.stdout
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    result = store("repair")
    assert result.exit_code == 1 and "--give-up" in result.stderr
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    result = store("repair", "--give-up")
    assert result.exit_code == 0 and "set aside: " in result.stdout
    assert (root / "aside" / f"keys-{keys.name}.damaged").read_bytes() == bytes(data)
    assert store("doctor").exit_code == 1  # somebody should look at what was set aside


@pytest.mark.parametrize(
    "command", [["ls"], ["cat", "orders"], ["stat", "--json"], ["verify"], ["export"]], ids=str
)
def test_an_answer_that_cannot_be_written_is_told_in_one_line(root: Path, command: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "sxpy.cli", "store", *command],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert re.fullmatch(r"[Ee]rror: cannot write .*: No space left on device\n", done.stderr)
