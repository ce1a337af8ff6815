"""What a servicer must do about content-addressed bytes. Next: `sxpy/testing/servicer/model.py`."""

from __future__ import annotations

from sxpy.cid import cid_of
from sxpy.data import Bytevector
from sxpy.testing.servicer.registry import BLOBS, check
from sxpy.testing.servicer.subject import Subject

HELLO_CID = "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq"
"""The CID of the bytes of "hello": raw codec, sha2-256 2cf24dba…9824, base32."""


@check(*BLOBS)
def a_blob_has_the_cid_of_its_bytes(store: Subject) -> None:
    store.gives(HELLO_CID, "blob/put", "hello", "text/plain")
    store.gives(HELLO_CID, "blob/put", "hello", "image/png")
    store.gives(HELLO_CID, "blob/put", Bytevector(b"hello"), None)
    store.gives(cid_of("é".encode()), "blob/put", "é", "text/plain")


@check(*BLOBS)
def a_blob_that_was_put_is_there(store: Subject) -> None:
    store.ask("blob/put", "hello", "text/plain")
    store.gives(True, "blob/has?", HELLO_CID)
    store.reopen()
    store.gives("hello", "blob/get", HELLO_CID)
    store.gives(True, "blob/has?", HELLO_CID)


@check(*BLOBS)
def a_blob_that_never_was_is_nil(store: Subject) -> None:
    for cid in (HELLO_CID, "", "nonsense", "../format.sx", "b" + "a" * 58, "x\0y"):
        store.gives(None, "blob/get", cid)
        store.gives(False, "blob/has?", cid)


@check(*BLOBS)
def bytes_come_back_as_bytes(store: Subject) -> None:
    for data in (b"", b"plain", "é".encode(), b"\xff\x00\x80", bytes(range(256)) * 300):
        cid = store.ask("blob/put", Bytevector(data), "image/png")
        store.reopen()
        store.gives(Bytevector(data), "blob/get", cid)


@check(*BLOBS)
def text_comes_back_as_text(store: Subject) -> None:
    for text in ("", "plain", "é😀\n\0", "x" * 100_000):
        cid = store.ask("blob/put", text, "text/plain")
        store.reopen()
        store.gives(text, "blob/get", cid)


@check(*BLOBS)
def what_is_neither_text_nor_bytes_is_no_blob(store: Subject) -> None:
    for wrong in (None, 5, True):
        store.refuses("blob/put", wrong, "text/plain")
        store.refuses("blob/get", wrong)
        store.refuses("blob/has?", wrong)


@check(*BLOBS)
def blobs_are_apart_from_streams_and_keys(store: Subject) -> None:
    store.ask("blob/put", "hello", "text/plain")
    store.is_empty()
