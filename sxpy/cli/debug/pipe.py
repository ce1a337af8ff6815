"""The debugger without a terminal: commands from a stream, for scripts and editors.

Each prompt is followed by the command that was read, so that what comes out reads like a session.
"""

from __future__ import annotations

from typing import BinaryIO

from sxpy.cli.debug.conversation import PROMPT, Conversation
from sxpy.errors import ReadError
from sxpy.reader.files import decode_source


def read_pipe(conversation: Conversation, stream: BinaryIO) -> None:
    """Feed `conversation` from `stream`, UTF-8, until it ends or the conversation does.

    A command is a line, or more when an expression in it goes on. Blank lines and comments are passed over.
    """
    console = conversation.session.console
    conversation.begin()
    number = 0
    text = ""
    while not conversation.done:
        if not text:
            console.prompt(PROMPT)
            console.flush()
        number += 1
        data = stream.readline()
        if not data:
            console.write("\n")
            return
        try:
            line = decode_source(data, "<stdin>", number).text.rstrip("\r\n")
        except ReadError as error:
            conversation.session.report(error)
            text = ""
            continue
        console.write(line + "\n")
        text += line
        if conversation.incomplete(text):
            text += "\n"
            continue
        if text.strip() and not text.lstrip().startswith(";"):
            conversation.feed(text)
        text = ""
