# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines as redis-cli reads them, and answers as it prints them."""

import pytest

from app.console.answers import shown, unpacked
from app.console.commands import COMMANDS, REFUSED, command_of, help_text, refusal
from app.console.completion import IDLE, common_start, completions, hint
from app.console.meaning import commands_for, key_of, meaning_of
from app.console.words import QuoteError, quoted, split, typed


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("  keys   * ", [b"keys", b"*"]),
        ('get "a b"', [b"get", b"a b"]),
        (r'get "a\"\x00\n\q"', [b"get", b'a"\x00\nq']),
        (r"get 'it\'s \n'", [b"get", rb"it's \n"]),
        ('get ""', [b"get", b""]),
        ('get a"b"', [b"get", b"ab"]),
        ("get né", [b"get", "né".encode()]),
    ],
)
def test_that_a_line_is_split_as_redis_cli_does(line, words):
    assert split(line) == words


@pytest.mark.parametrize("line", ['get "a', "get 'a", 'get "a"b'])
def test_that_quotes_must_be_closed(line):
    with pytest.raises(QuoteError):
        split(line)


@pytest.mark.parametrize(
    "name", ["asgi:websocket.receive", "a b", 'say "x"', "né", "", "\x00\x1f", "it's", "back\\slash"]
)
def test_that_a_name_can_be_typed_and_read_again(name):
    assert split(typed(name)) == [name.encode()]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (None, "(nil)"),
        (7, "(integer) 7"),
        (b'\x83\xa4"text"\n', r'"\x83\xa4\"text\"\n"'),
        ([], "(empty array)"),
        ([b"a", 2, None], '1) "a"\n2) (integer) 2\n3) (nil)'),
        ([b"0", [b"a", b"b"]], '1) "0"\n2) 1) "a"\n   2) "b"'),
        ([b"x"] * 10, "\n".join(f'{n:>2}) "x"' for n in range(1, 11))),
    ],
)
def test_that_an_answer_is_printed_as_by_redis_cli(answer, text):
    assert shown(answer) == text


def test_that_a_status_has_no_quotes():
    assert shown(b"list", is_status=True) == "list"
    assert quoted(b"list") == '"list"'


def test_that_a_long_answer_is_cut_and_says_so():
    assert shown([b"x"] * 1000).endswith("… and 600 lines more")
    assert shown(b"x" * 30_000).endswith("characters more")


def test_that_what_is_no_message_is_said():
    assert unpacked(b"\xc1").startswith("(not a message) The body is not msgpack")


def test_that_a_refused_command_has_its_reason():
    assert refusal(["MONITOR"]).startswith("MONITOR is not for this console: it makes Redis tell every command")
    assert "only client list may be typed" in refusal(["client", "kill"])
    assert refusal(["lrage", "x"]).endswith("Did you mean lrange?")
    assert "help" in refusal(["xyzzy"])


def test_that_no_command_is_both_allowed_and_refused():
    assert not COMMANDS.keys() & REFUSED.keys()


def test_that_a_command_may_have_two_words_and_any_case():
    command, rest = command_of(["Memory", "USAGE", "k"])
    assert (command.name, rest) == ("memory usage", ["k"])
    assert command_of(["memory", "doctor"])[0] is None


def test_that_help_names_every_command():
    assert all(name in help_text() for name in COMMANDS)
    assert help_text("ttl").startswith("ttl key\nSeconds")


def test_that_a_key_is_known_by_its_name_and_back():
    key = "0f" * 16
    for name, kind, item in [
        (f"asgi:{key}", "message", key),
        ("asgi:websocket.receive", "channel", "websocket.receive"),
        ("asgi::group:chat-lobby", "group", "chat-lobby"),
    ]:
        assert meaning_of(name, "asgi:") == (kind, item)
        assert key_of(kind, item, "asgi:") == name
    assert meaning_of("asgi-meta:x:messages_count", "asgi:").kind == "counter"
    assert meaning_of("session", "asgi:").kind == ""
    assert key_of("channel", "daphne.response.x!y", "asgi:") == "asgi:daphne.response.x!"


@pytest.mark.parametrize("kind", ["channel", "message", "group", "counter", ""])
def test_that_every_picture_has_commands_that_may_be_typed(kind):
    for line in commands_for(kind, "a b"):
        words = [word.decode() for word in split(line)]
        command, rest = command_of(words)
        assert command.least <= len(rest) <= command.most
        assert rest[command.keys] == "a b"
        assert not command.deletes


KEYS = [
    ("asgi:websocket.receive", "list"),
    ("asgi:http.request", "list"),
    (f"asgi:{'0f' * 16}", "string"),
    ("a b", "set"),
]


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("lr", ["lrange ", "lrem "]),
        ("DB", ["dbsize"]),
        ("memory u", ["memory usage "]),
        ("lrange ", ["lrange asgi:websocket.receive", "lrange asgi:http.request"]),
        ("lrange asgi:w", ["lrange asgi:websocket.receive"]),
        ("lrange http", ["lrange asgi:http.request"]),
        ("lrange asgi:http.request 0", []),
        ("get ", [f"get asgi:{'0f' * 16}"]),
        ("type a", ['type asgi:websocket.receive', "type asgi:http.request", f"type asgi:{'0f' * 16}", 'type "a b"']),
        ("memory usage asgi:h", ["memory usage asgi:http.request"]),
        ("exists asgi:http.request asgi:w", ["exists asgi:http.request asgi:websocket.receive"]),
        ("help lp", ["help lpop"]),
        ("monitor x", []),
    ],
)  # fmt: skip
def test_that_commands_and_fitting_keys_are_completed(line, lines):
    assert completions(line, KEYS) == lines


def test_that_completing_goes_as_far_as_all_agree():
    assert common_start(["get asgi:0", "get asgi:1"], "get a") == "get asgi:"
    assert common_start([], "get x") == "get x"
    assert common_start(["lrange asgi:http.request"], "lrange http") == "lrange asgi:http.request"
    assert common_start(["type asgi:a", "type asgi:b"], "type gi") == "type gi"


def test_that_a_line_being_typed_is_helped():
    assert hint("") == IDLE
    assert hint("lrange asgi:x").startswith("lrange key start stop · Entries of a list")
    assert hint("ttl") == "ttl key · Seconds until Redis deletes it; -1: never, -2: there is no such key"
    assert hint("lr").startswith("lrange key start stop · lrem")
    assert hint("memory ") == "memory usage key"
    assert "MONITOR is not for this console" in hint("monitor")
