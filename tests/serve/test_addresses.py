"""Where a server may listen, and what it does to the file of a Unix socket."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sxpy.server import ListenError, open_listener, parse_address
from sxpy.server.addresses import Address, TcpAddress, UnixAddress


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("unix:/run/sx", UnixAddress("/run/sx")),
        ("unix:a:b", UnixAddress("a:b")),
        ("tcp:127.0.0.1:7000", TcpAddress("127.0.0.1", 7000)),
        ("tcp:localhost:0", TcpAddress("localhost", 0)),
        ("tcp:[::1]:65535", TcpAddress("::1", 65535)),
    ],
)
def test_an_address_is_read_and_written(text: str, address: Address) -> None:
    assert parse_address(text) == address
    assert str(address) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "unix",
            "unix:",
            "/run/sx",
            "tcp:",
            "tcp:127.0.0.1",
            "tcp:7000",
            "tcp::7000",
            "tcp:h:",
            "tcp:h:x",
        ),
        *("tcp:h:-1", "tcp:h:65536", "tcp:h:٣", "tcp:::1:7000", "udp:h:7000", "http://h:7000"),
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ListenError, match=r"unix:PATH or tcp:HOST:PORT|in brackets"):
        parse_address(text)


# -- Unix ----------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path) -> UnixAddress:
    """Where no file is yet."""
    return UnixAddress(str(tmp_path / "socket"))


def connects(address: UnixAddress) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(address.path) == 0


def test_only_the_owner_may_connect_whatever_the_umask(place: UnixAddress) -> None:
    before = os.umask(0)
    try:
        listener = open_listener(place)
        assert stat.S_IMODE(os.stat(place.path).st_mode) == 0o600
        assert os.umask(0) == 0
        listener.close()
    finally:
        os.umask(before)


def test_the_file_is_gone_when_the_listener_is_closed(place: UnixAddress) -> None:
    listener = open_listener(place)
    assert connects(place)
    listener.close()
    listener.close()
    assert not Path(place.path).exists()


def test_the_file_of_a_server_that_is_no_more_is_replaced(place: UnixAddress) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(place.path)
        dead.listen()
    assert Path(place.path).is_socket()
    listener = open_listener(place)
    assert connects(place)
    listener.close()


def test_the_file_of_a_living_server_stays(place: UnixAddress) -> None:
    listener = open_listener(place)
    with pytest.raises(ListenError, match="another server listens there"):
        open_listener(place)
    assert connects(place)
    listener.close()


def test_a_file_that_is_no_socket_is_never_replaced(place: UnixAddress) -> None:
    path = Path(place.path)
    path.write_text("precious")
    with pytest.raises(ListenError, match="exists and is no socket"):
        open_listener(place)
    assert path.read_text() == "precious"


@pytest.mark.parametrize("kind", ["directory", "link", "dangling link"])
def test_neither_a_directory_nor_a_link_is_replaced(place: UnixAddress, kind: str, tmp_path: Path) -> None:
    path, target = Path(place.path), tmp_path / "target"
    if kind == "directory":
        path.mkdir()
    else:
        path.symlink_to(target)
    if kind == "link":
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(target))
    with pytest.raises(ListenError, match="exists and is no socket"):
        open_listener(place)
    assert path.is_dir() if kind == "directory" else path.is_symlink()


def test_closing_leaves_the_file_of_somebody_else(place: UnixAddress) -> None:
    listener = open_listener(place)
    Path(place.path).unlink()
    other = open_listener(place)
    listener.close()
    assert connects(place)
    other.close()


def test_a_path_that_cannot_be(tmp_path: Path) -> None:
    for path, why in (
        (tmp_path / ("x" * 200), "path too long"),
        (tmp_path / "none" / "socket", "No such file or directory"),
    ):
        with pytest.raises(ListenError, match=f"cannot listen on unix:.*{why}"):
            open_listener(UnixAddress(str(path)))


def test_a_relative_path_is_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    listener = open_listener(UnixAddress("socket"))
    assert (tmp_path / "socket").is_socket()
    listener.close()
    assert not (tmp_path / "socket").exists()


STARTER = """
import sys
from sxpy.server import ListenError, open_listener, parse_address
sys.stdin.read(1)
try:
    listener = open_listener(parse_address(f"unix:{sys.argv[1]}"))
    print("listens", flush=True)
except ListenError:
    print("refused", flush=True)
sys.stdin.read()
"""


def test_of_servers_that_start_at_once_over_a_dead_file_one_listens(place: UnixAddress) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(place.path)
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", STARTER, place.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]
    for starter in starters:
        assert starter.stdin is not None
        starter.stdin.write(b".")
        starter.stdin.flush()
    said = [starter.stdout.readline() for starter in starters if starter.stdout is not None]
    assert sorted(said) == [b"listens\n", *[b"refused\n"] * 3]
    assert connects(place)
    for starter in starters:
        starter.communicate(timeout=30)


# -- TCP -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_what_other_machines_can_reach_must_be_asked_for(host: str) -> None:
    with pytest.raises(ListenError, match=r"other machines can reach .*--allow-remote"):
        open_listener(TcpAddress(host, 0))


def test_what_other_machines_can_reach_can_be_asked_for() -> None:
    listener = open_listener(TcpAddress("0.0.0.0", 0), remote=True)
    assert listener.socket.getsockname()[0] == "0.0.0.0"
    listener.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_port_0_is_any_free_port(host: str) -> None:
    listener = open_listener(TcpAddress(host, 0))
    assert isinstance(listener.address, TcpAddress) and listener.address.port > 0
    socket.create_connection((host, listener.address.port)).close()
    listener.close()


def test_a_port_that_is_taken() -> None:
    listener = open_listener(TcpAddress("127.0.0.1", 0))
    with pytest.raises(ListenError, match="Address already in use"):
        open_listener(listener.address)
    listener.close()


def test_a_host_that_is_not_there() -> None:
    with pytest.raises(ListenError, match=r"cannot listen on tcp:no-such-host\.invalid:7000"):
        open_listener(TcpAddress("no-such-host.invalid", 7000))
