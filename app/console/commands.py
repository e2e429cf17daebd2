# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be typed into the console, and why other commands may not."""

from __future__ import annotations

import difflib
from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """A command: `form` names its arguments as Redis' manual does, `does` is one line of help.

    `keys` are the places of its arguments that name keys (0 is the first after its name; -1: all of them), `kind` is
    the type its key must have, "" for any. `deletes`: something is gone afterwards. `is_ours`: it is the console's.
    """

    name: str
    form: str
    does: str
    least: int = 0
    most: int = 0
    keys: int | None = None
    kind: str = ""
    deletes: bool = False
    is_status: bool = False  # its answer is a status, which redis-cli prints without quotes
    is_plain: bool = False  # its answer is text for people, printed as it is
    is_ours: bool = False

    @property
    def usage(self) -> str:
        """Return the command with its arguments."""
        return f"{self.name} {self.form}".rstrip()


MANY = 64  # arguments, where a command takes any number

_TABLE = (
    # the talk's five
    Command("keys", "pattern", "Names of keys; * stands for any characters, ? for one", 1, 1),
    Command("get", "key", "What is in a string: here the body of a message, packed with msgpack", 1, 1, 0, "string"),
    Command("lrange", "key start stop", "Entries of a list; 0 -1 is from the first to the last", 3, 3, 0, "list"),
    Command("ttl", "key", "Seconds until Redis deletes it; -1: never, -2: there is no such key", 1, 1, 0),
    Command("flushdb", "", "Delete every key: all messages, all groups", deletes=True, is_status=True),
    # looking
    Command("pttl", "key", "The same in milliseconds", 1, 1, 0),
    Command("type", "key", "string, list, zset (a sorted set) or none", 1, 1, 0, is_status=True),
    Command("exists", "key [key ...]", "How many of these keys there are", 1, MANY, -1),
    Command("strlen", "key", "Bytes of a string", 1, 1, 0, "string"),
    Command("getrange", "key start end", "A part of a string, by bytes", 3, 3, 0, "string"),
    Command("llen", "key", "Entries of a list: messages in a channel, ghosts included", 1, 1, 0, "list"),
    Command("lindex", "key index", "One entry of a list; 0 is the first, -1 the last", 2, 2, 0, "list"),
    Command("zrange", "key start stop [withscores]", "Members of a sorted set: a group's channels", 3, 4, 0, "zset"),
    Command("zcard", "key", "Members of a sorted set, counted", 1, 1, 0, "zset"),
    Command("zscore", "key member", "A member's score: in a group, when it joined", 2, 2, 0, "zset"),
    Command("scan", "cursor [match pattern] [count n]", "Names of keys bit by bit; begin with 0", 1, 5),
    Command("dbsize", "", "How many keys there are"),
    Command("memory usage", "key", "Bytes a key takes in memory", 1, 1, 0),
    Command("object encoding", "key", "How Redis keeps it inside", 1, 1, 0),
    Command("client list", "", "Who is connected to Redis", is_plain=True),
    Command("info", "[section]", "What Redis says of itself: server, clients, memory, stats …", 0, 1, is_plain=True),
    Command("time", "", "The clock of Redis: seconds since 1970, and microseconds"),
    Command("ping", "", "Does it answer?", is_status=True),
    # taking away
    Command("del", "key [key ...]", "Delete keys", 1, MANY, -1, deletes=True),
    Command("unlink", "key [key ...]", "Delete keys, and free their memory later", 1, MANY, -1, deletes=True),
    Command("lpop", "key", "Take the first entry out of a list", 1, 1, 0, "list", deletes=True),
    Command("rpop", "key", "Take the last entry out of a list", 1, 1, 0, "list", deletes=True),
    Command("lrem", "key count element", "Take entries out of a list by what they are", 3, 3, 0, "list", deletes=True),
    Command("zrem", "key member [member ...]", "Take members out of a sorted set", 2, MANY, 0, "zset", deletes=True),
    # the console's own
    Command("decode", "key", "A message's body, unpacked; not a command of Redis", 1, 1, 0, "string", is_ours=True),
    Command("help", "[command]", "What may be typed here; not a command of Redis", 0, 2, is_ours=True),
)
COMMANDS = {command.name: command for command in _TABLE}

_WRITES = "it writes what the channel layer may not understand; send a message, or let a client join a room, instead"
_LIVES = "a message would live longer or shorter than it says; the Stage has buttons for the expiry"
_RUNS = "a script could do what is not allowed here"
_WAITS = "it waits, and would take a message before a worker can; look with lrange"
_HEARS = "it never ends; what Redis tells of expiries is on the Stage as it happens"
_WHOLE = "each line is a command of its own here, sent on a connection of its own"
_STAYS = "the console stays with its own user and its own database"
_SERVER = "it is about how the server is run, not about what is in it"
_REASONS = {
    _WRITES: "set setex psetex setnx mset msetnx getset getdel append setrange incr incrby decr decrby incrbyfloat"
    " lpush rpush lpushx rpushx linsert lset ltrim lmove rpoplpush zadd zincrby sadd srem hset hdel xadd"
    " rename renamenx copy restore move sort",
    _LIVES: "expire pexpire expireat pexpireat persist getex touch",
    _RUNS: "eval evalsha eval_ro evalsha_ro script function fcall fcall_ro",
    _WAITS: "blpop brpop blmove brpoplpush blmpop bzpopmin bzpopmax zpopmin zpopmax lmpop xread",
    _HEARS: "subscribe psubscribe ssubscribe",
    _WHOLE: "multi exec discard watch unwatch pipeline",
    _STAYS: "auth acl select hello reset swapdb quit exit",
    _SERVER: "config shutdown debug save bgsave bgrewriteaof replicaof slaveof failover cluster module latency slowlog"
    " lolwut sync psync wait client memory object command",
    "it deletes the keys of every database; there is only one here, and flushdb empties it": "flushall",
    "it makes Redis tell every command to us, and all of them slower; the Stage shows what passes": "monitor",
    "nobody listens there: the layer uses lists, not publish and subscribe": "publish spublish pubsub",
}
REFUSED = {name: reason for reason, names in _REASONS.items() for name in names.split()}

# Redis 6.2 knows every one of these; MULTI and EXEC let a deletion be seen as one with what it deletes.
_ACL_NAMES = [name.replace(" ", "|") for name, command in COMMANDS.items() if not command.is_ours]
ACL = "-@all " + " ".join(f"+{name}" for name in (*_ACL_NAMES, "multi", "exec"))


def command_of(words: list[str]) -> tuple[Command | None, list[str]]:
    """Return the command that these words begin with, None when it is not allowed, and its arguments."""
    for length in (2, 1):
        command = COMMANDS.get(" ".join(words[:length]).lower())
        if command and len(words) >= length:
            return command, words[length:]
    return None, words[1:]


def refusal(words: list[str]) -> str:
    """Say why these words are not a command that may be typed here."""
    name = words[0].lower()
    if name in REFUSED:
        ways = [one for one in COMMANDS if one.startswith(name + " ")]
        instead = f" (only {' or '.join(ways)} may be typed)" if ways else ""
        return f"{name.upper()} is not for this console: {REFUSED[name]}{instead}."
    near = difflib.get_close_matches(name, [*COMMANDS, *REFUSED], 1)
    hint = f" Did you mean {near[0]}?" if near else " Type help to see what may be typed here."
    return f"There is no command {name!r} here.{hint}"


def wrong_count(command: Command, arguments: list[str]) -> str:
    """Say what is wrong with the number of arguments, "" when it is right."""
    if command.least <= len(arguments) <= command.most:
        return ""
    return f"wrong number of arguments for '{command.name}' command; it is: {command.usage}"


def help_text(name: str = "") -> str:
    """Return help on one command, or on all."""
    if name:
        command = COMMANDS.get(name.lower())
        return f"{command.usage}\n{command.does}." if command else refusal([name])
    width = max(len(command.usage) for command in _TABLE)
    return "\n".join(f"{command.usage:<{width}}  {command.does}" for command in _TABLE)
