"""The protocol as a function from a line to its reply, without a process around it."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import pytest
from serving import quoted

from sxpy import Interpreter, to_sx
from sxpy.data import equal
from sxpy.errors import EvalError
from sxpy.reader import read_data
from sxpy.server import Session
from sxpy.server.lines import TOO_LONG, read_lines


class Doubler:
    """A host that owns one operation."""

    def owns(self, operation: str) -> bool:
        return operation == "double"

    def answer(self, operation: str, args: list[Any], request: Any) -> Any:
        if not args:
            raise EvalError("double: nothing to double")
        return 2 * args[0]

    def close(self) -> None:
        pass


def session(*, bridge: bool = False) -> Session:
    return Session(lambda host: Interpreter(host=host), Doubler(), bridge=bridge)


def feed(talk: Session, *lines: str) -> list[str]:
    return [talk.feed(line.encode()).decode() for line in lines]


def ask(talk: Session, line: str) -> str:
    return feed(talk, line)[0]


# -- commands and their replies -----------------------------------------------------------------------


def test_ping_is_answered_with_a_short_value() -> None:
    assert ask(session(), "(ping)") == '(ok 0 "pong")\n'


def test_an_epoch_tags_the_replies_after_it_and_has_none_itself() -> None:
    assert feed(session(), "(epoch 7)", "(ping)", "(epoch 8)", "(reset)") == [
        "",
        '(ok 7 "pong")\n',
        "",
        "(ok 8)\n",
    ]


def test_eval_shows_the_value_of_the_last_form_on_its_own_line() -> None:
    assert ask(session(), '(eval "1 (+ 1 2)")') == "(ok-len 0 1)\n3\n"


def test_eval_of_nothing_is_nil() -> None:
    assert ask(session(), '(eval "")') == "(ok-len 0 3)\nnil\n"


def test_the_length_counts_bytes_of_utf_8() -> None:
    assert ask(session(), r'(eval "\"\u00e9\u20ac\"")') == '(ok-len 0 7)\n"é€"\n'


def test_a_lone_surrogate_is_escaped_in_the_payload() -> None:
    assert ask(session(), r'(eval "\"\ud800\"")') == '(ok-len 0 8)\n"\\ud800"\n'


def test_a_value_with_a_newline_stays_on_one_line() -> None:
    assert ask(session(), r'(eval "\"a\\nb\"")') == '(ok-len 0 6)\n"a\\nb"\n'


def test_load_source_defines_and_shows_no_value() -> None:
    assert feed(session(), '(load-source "(define x 4)")', '(eval "(* x x)")') == [
        "(ok 0)\n",
        "(ok-len 0 2)\n16\n",
    ]


def test_load_takes_a_path_of_the_library(tmp_path: Any) -> None:
    file = tmp_path / "one.sx"
    file.write_text("(define one 1)", encoding="utf-8")
    assert feed(session(), f"(load {quoted(str(file))})", '(eval "one")') == [
        "(ok 0)\n",
        "(ok-len 0 1)\n1\n",
    ]


def test_load_is_not_what_the_program_made_of_the_name(tmp_path: Any) -> None:
    file = tmp_path / "one.sx"
    file.write_text("(define one 1)", encoding="utf-8")
    talk = session()
    ask(talk, '(load-source "(define (load path) 99)")')
    assert feed(talk, f"(load {quoted(str(file))})", '(eval "one")')[1] == "(ok-len 0 1)\n1\n"


def test_reset_gives_a_fresh_interpreter() -> None:
    replies = feed(session(), '(load-source "(define x 4)")', "(reset)", '(eval "x")')
    assert replies[1] == "(ok 0)\n"
    assert replies[2].startswith('(error 0 "Undefined symbol: x')


def test_blank_lines_and_comments_are_no_commands() -> None:
    assert feed(session(), "", "   ", "\t\r", "; a comment", "(ping)") == ["", "", "", "", '(ok 0 "pong")\n']


# -- errors ---------------------------------------------------------------------------------------------


def message(reply: str) -> str:
    """The message of an error reply, read as the client would."""
    assert reply.count("\n") == 1
    ((head, _, text),) = read_data(reply)
    assert head.name == "error"
    return str(text)


def test_a_program_error_names_what_and_where() -> None:
    assert message(ask(session(), r'(eval "(+ 1\n  nope)")')) == "Undefined symbol: nope (at <eval>:2:3)"


def test_a_raised_value_is_an_error() -> None:
    assert message(ask(session(), '(eval "(raise 5)")')).startswith("Unhandled raise: 5")


def test_an_error_message_is_one_ascii_line_and_reads_back() -> None:
    text = 'one\ntwo "three" \\ é € \ud800 \a \x7f \t'
    reply = ask(session(), f"(eval {quoted(f'(error {escaped(text)})')})")
    assert reply.isascii()
    assert message(reply).startswith(text)


def escaped(text: str) -> str:
    """`text` as an SX string, every character as its escape."""
    return '"' + "".join(f"\\u{ord(char):04x}" for char in text) + '"'


def test_the_server_goes_on_after_an_error() -> None:
    replies = feed(session(), '(eval "(car)")', '(eval "(")', '(load "no/such.sx")', "(ping)")
    assert [reply.split(" ")[0] for reply in replies] == ["(error", "(error", "(error", "(ok"]


@pytest.mark.parametrize(
    "line",
    [
        "ping",
        "()",
        '"ping"',
        "42",
        "((ping))",
        "(ping",
        "ping)",
        "(ping))",
        "(ping) (ping)",
        "(ping 1)",
        "(pong)",
        "(:ping)",
        "(eval)",
        "(eval 1)",
        "(eval sym)",
        '(eval "1" "2")',
        '(eval "1)',
        "(load)",
        "(load nil)",
        "(load-source (1))",
        "(reset now)",
        "(epoch)",
        "(epoch x)",
        "(epoch -1)",
        "(epoch 1.5)",
        "(epoch 1/2)",
        "(epoch 1 2)",
        '(epoch "3")',
        "(epoch true)",
        f"(epoch {2**63})",
        f"(epoch 1{'0' * 5000})",
        "(io-response 1)",
        "(io-response)",
        '(io-error "x")',
        "{:a 1}",
        "{:a}",
        "'",
        "#;(ping) #",
        "#\\",
        "(eval \\x)",
        "\x00",
        "(eval \x00)",
        "(" * 100_000,
        ")" * 100_000,
        "'" * 100_000,
    ],
    ids=lambda line: ascii(line)[:20],
)
def test_a_malformed_line_gets_one_error_and_changes_nothing(line: str) -> None:
    talk = session()
    ask(talk, "(epoch 3)")
    ask(talk, '(load-source "(define x 4)")')
    message(ask(talk, line))
    assert feed(talk, "(ping)", '(eval "x")') == ['(ok 3 "pong")\n', "(ok-len 3 1)\n4\n"]


def test_bytes_that_are_no_ascii_are_refused() -> None:
    reply = session().feed('(eval "é")'.encode())
    assert message(reply.decode()).startswith("byte 8 of the line is no ASCII")


def test_a_line_that_was_too_long_is_told() -> None:
    assert "longer than 67108864 bytes" in message(session().feed(TOO_LONG).decode())


# -- lines ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "lines"), [
    (b"", []),
    (b"a\nb\n", [b"a", b"b"]),
    (b"a\nb", [b"a", b"b"]),
    (b"\n\n", [b"", b""]),
    (b"12345\nb\n", [b"12345", b"b"]),
    (b"123456\nb\n", [TOO_LONG, b"b"]),
    (b"123456", [TOO_LONG]),
    (b"x" * 5_000_000 + b"\nb", [TOO_LONG, b"b"]),
])  # fmt: skip
def test_lines_up_to_the_bound_and_one_past_it(text: bytes, lines: list[Any]) -> None:
    assert list(read_lines(io.BytesIO(text), longest=5)) == lines


# -- the world --------------------------------------------------------------------------------------------

DOUBLE = '(eval "(perform {:op \\"double\\" :args (list 21)})")'
ASK = '(eval "(list (perform {:op \\"ask\\" :args (list 1 \\"two\\")}) 9)")'


def test_a_host_answers_what_it_owns() -> None:
    assert ask(session(), DOUBLE) == "(ok-len 0 2)\n42\n"
    assert ask(session(bridge=True), DOUBLE) == "(ok-len 0 2)\n42\n"


def test_without_a_bridge_an_unknown_operation_is_an_error_at_the_perform() -> None:
    assert message(ask(session(), ASK)).startswith("Unknown IO operation: ask")
    guarded = '(guard (e (true (error-message e))) (perform {:op \\"ask\\" :args ()}))'
    assert ask(session(), f'(eval "{guarded}")') == '(ok-len 0 27)\n"Unknown IO operation: ask"\n'


def test_with_a_bridge_the_client_is_asked() -> None:
    assert feed(session(bridge=True), "(epoch 2)", ASK, "(io-response {:a (1 2)})", "(ping)") == [
        "",
        '(io-request "ask" 1 "two")\n',
        "(ok-len 2 14)\n({:a (1 2)} 9)\n",
        '(ok 2 "pong")\n',
    ]


def test_an_answer_is_data_and_is_not_evaluated() -> None:
    assert feed(session(bridge=True), ASK, "(io-response (+ 1 2))")[1] == "(ok-len 0 11)\n((+ 1 2) 9)\n"


def test_many_requests_of_one_run() -> None:
    talk = session(bridge=True)
    line = '(eval "(map (fn (x) (perform {:op \\"ask\\" :args (list x)})) (list 1 2 3))")'
    assert feed(talk, line, "(io-response 10)", "(io-response 20)", "(io-response 30)") == [
        '(io-request "ask" 1)\n',
        '(io-request "ask" 2)\n',
        '(io-request "ask" 3)\n',
        "(ok-len 0 10)\n(10 20 30)\n",
    ]


def test_a_load_that_performs_is_answered_as_a_load() -> None:
    assert feed(
        session(bridge=True),
        '(load-source "(define x (perform {:op \\"ask\\" :args ()}))")',
        "(io-response 5)",
        '(eval "x")',
    ) == ['(io-request "ask")\n', "(ok 0)\n", "(ok-len 0 1)\n5\n"]


def test_an_io_error_is_raised_at_the_perform() -> None:
    guarded = '(eval "(guard (e (true (error-message e))) (perform {:op \\"ask\\" :args ()}))")'
    assert feed(session(bridge=True), guarded, '(io-error "no idea")') == [
        '(io-request "ask")\n',
        '(ok-len 0 9)\n"no idea"\n',
    ]
    assert message(feed(session(bridge=True), ASK, '(io-error "no idea")')[1]).startswith("no idea")


def test_the_error_of_a_host_is_raised_at_the_perform() -> None:
    line = '(eval "(perform {:op \\"double\\" :args ()})")'
    assert message(ask(session(bridge=True), line)).startswith("double: nothing to double")


@pytest.mark.parametrize("line", ["(ping)", "(epoch 5)", '(eval "1")', "(io-response)", "(", "(a) (b)", "é"])
def test_while_a_request_is_open_other_lines_are_errors_and_it_stays_open(line: str) -> None:
    talk = session(bridge=True)
    ask(talk, ASK)
    message(ask(talk, line))
    assert ask(talk, "(io-response 1)") == "(ok-len 0 5)\n(1 9)\n"
    message(ask(talk, "(io-response 1)"))


def test_a_reset_ends_the_run_that_waits_and_both_are_answered() -> None:
    replies = feed(session(bridge=True), ASK, "(reset)", "(io-response 1)")
    first, second, _ = replies[1].split("\n")
    assert message(first + "\n") == "the run was ended by a reset"
    assert second == "(ok 0)"
    assert message(replies[2]) == "stray answer: no io-request is open"


def test_arguments_cross_as_ascii_and_read_back_equal() -> None:
    values = '"\u00e9\n\t\r\\u0007 \\"q\\"" #\\\u20ac #\\" 1/3 nil {"\u00e9 k" :v}'
    source = f'(perform {{:op "ask" :args (list {values})}})'
    line = session(bridge=True).feed(f"(load-source {escaped(source)})".encode()).decode()
    assert line.isascii()
    assert line.count("\n") == 1
    (request,) = read_data(line)
    name, *args = list(request)[1:]
    assert name == "ask"
    assert args[0] == '\u00e9\n\t\r\u0007 "q"'
    assert [args[1].code, args[2].code] == [0x20AC, ord('"')]
    assert args[3:5] == [Fraction(1, 3), None]
    assert equal(args[5], to_sx({"\u00e9 k": "v"}))


def test_what_has_no_ascii_spelling_crosses_as_utf_8() -> None:
    talk = session(bridge=True)
    talk.feed(rb'(load-source "(define high (string->symbol \"\u00e9\"))")')
    line = talk.feed(b'(eval "(perform {:op \\"ask\\" :args (list high)})")')
    assert line == '(io-request "ask" \u00e9)\n'.encode()


@pytest.mark.parametrize("argument", ["car", "first", "(fn (x) x)", "(delay 1)"])
def test_what_has_no_syntax_is_an_error_at_the_perform(argument: str) -> None:
    source = f'(guard (e (true "refused")) (perform {{:op "ask" :args (list {argument})}}))'
    reply = session(bridge=True).feed(f"(eval {quoted(source)})".encode())
    assert reply == b'(ok-len 0 9)\n"refused"\n'


def test_a_request_without_a_name_is_no_operation() -> None:
    assert message(ask(session(bridge=True), '(eval "(perform 42)")')).startswith("Unknown IO operation: 42")
