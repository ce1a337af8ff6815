"""The debugger on a terminal: a line editor with completion. An empty line repeats the last command."""

from __future__ import annotations

from collections.abc import Iterable

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import History
from prompt_toolkit.input import Input
from prompt_toolkit.output import Output

from sxpy.cli.debug.commands import COMMANDS
from sxpy.cli.debug.conversation import PROMPT, Conversation
from sxpy.cli.repl.history import open_history
from sxpy.cli.repl.terminal import keys_for

_STOP = frozenset(" \t\n()[]{}\"';,`")


def read_terminal(conversation: Conversation) -> None:
    """Hold the conversation on the terminal until it is over."""
    history, problem = open_history("debug-history")
    if problem is not None:
        conversation.say(f"; the history will be forgotten: {problem}")
    conversation.begin()
    editor = line_editor(conversation, history=history)
    last = ""
    while not conversation.done:
        try:
            text = editor.prompt()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        last = text if text.strip() else last
        if last:
            conversation.feed(last)


def line_editor(
    conversation: Conversation,
    *,
    history: History | None = None,
    input: Input | None = None,
    output: Output | None = None,
) -> PromptSession[str]:
    """The editor; `input` and `output` are the terminal by default."""
    return PromptSession(
        PROMPT,
        multiline=True,
        history=history,
        completer=CommandCompleter(conversation),
        complete_while_typing=False,
        key_bindings=keys_for(conversation.incomplete),
        input=input,
        output=output,
    )


class CommandCompleter(Completer):
    """Completes commands, and after them the names that they take."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        before = document.text_before_cursor
        start = len(before)
        while start > 0 and before[start - 1] not in _STOP:
            start -= 1
        word, earlier = before[start:], before[:start].split()
        if not earlier and not before[:start].strip():
            for name, command in COMMANDS.items():
                if name.startswith(word):
                    yield Completion(name, -len(word), display_meta=command.summary)
            return
        for name in self._conversation.completions(earlier):
            if name.startswith(word):
                yield Completion(name, -len(word))
