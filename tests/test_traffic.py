# SPDX-License-Identifier: GPL-3.0-or-later
"""A session as packets: what our own reader and (where it is installed) tshark find in them."""

import json
import shutil
import subprocess
from collections import Counter
from contextlib import closing

import pytest
from msgspec.structs import replace

from app import blocks
from app import events as e
from app.capture.flows import Opened
from app.capture.reader import CaptureReader
from app.capture.records import CaptureFile
from app.commands.line import main
from app.session import save_session, whole
from app.traffic.session import export_session
from app.wire.frames import Frame
from panels.streams import frame_at
from tests.panels.chat import Chat, frame

needs_tshark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed: apt-get install tshark")


def story(target):
    """Everything that can happen to messages, told into a store."""
    chat = target
    chat.begin(workers=2)
    chat.connect("c1", "bob")
    chat.connect("c2", "ada")
    for channel in (chat.reply("c1"), chat.reply("c2")):
        chat.put(e.GroupAdded(t=chat.t, source="worker-1", group="chat-lobby", channel=channel))
    chat.chat("c1", "hello", "c2")
    chat.frames("c2", "client", frame(9, b"hi", masked=True), counts=False)
    n = chat.frames("c2", "client", frame(1, b'{"a": ', fin=False, masked=True), frame(0, b"1}", masked=True))
    chat.message("websocket.receive", {"text": '{"a": 1}'}, connection="c2", n=n)
    chat.frames("c2", "client", frame(2, bytes(range(256)) * 300, masked=True))  # more than one segment
    key = chat.say("c2", "to all")
    chat.take(key)
    copies = [
        (one, chat.message(chat.reply(one), {"text": "to all"}, cause=key, source="worker-1", group="chat-lobby"))
        for one in ("c1", "c2")
    ]
    chat.t += 0.001
    for one, copy in copies:
        n = chat.sent[one, "server"] + 1
        chat.put(e.MessageReceived(t=chat.t, source="server", key=copy, channel=chat.reply(one), connection=one, n=n))
        chat.frames(one, "server", frame(1, b"to all"))
    chat.finish(key)
    late = chat.say("c1", "anyone there?")
    chat.t += 60
    chat.put(e.MessageExpired(t=chat.t, source="redis", key=late))
    ghost = e.GhostsPassed(t=chat.t, source="worker-2", channel="websocket.receive", keys=(late,))
    chat.put(ghost)
    held = chat.say("c1", "to be lost")
    chat.take(held, "worker-2")
    killed = {"t": chat.t + 0.1, "source": "lab", "worker": "worker-2"}
    chat.put(e.MessageLost(key=held, reason="worker killed", **killed), e.WorkerExited(signal="KILL", **killed))
    n = chat.frames("c1", "client", frame(1, b"too many", masked=True))
    chat.put(
        e.MessageRefused(
            t=chat.t, source="server", channel="websocket.receive", reason="full", connection="c1", n=n
        ),
        e.CommandRun(t=chat.t, source="lab", command="ttl asgi:x", verb="ttl", answer="(integer) -2"),
    )  # fmt: skip
    chat.frames("c1", "server", frame(8, b"\x03\xe8bye"), counts=False)
    chat.put(e.ConnectionClosed(t=chat.t, source="server", connection="c1"))
    chat.put(e.MessagesWiped(t=chat.t, source="lab", reason="flush"))
    return chat


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A store, and the file of packets that `main.py export` made of its session."""
    folder = tmp_path_factory.mktemp("traffic")
    chat = story(Chat())
    save_session(folder / "talk.cscope", chat.store)
    assert main(["export", str(folder / "talk.cscope"), str(folder / "talk.pcapng")]) == 0
    return chat.store, folder / "talk.pcapng"


def frames_in(index) -> Counter:
    found: Counter = Counter()
    for row in index.rows:
        one: Frame = frame_at(index, row)
        found[one.direction, one.opcode, one.fin, one.masked, bytes(one.payload_data)] += 1
    return found


def comments_in(path) -> list[str]:
    file = CaptureFile(path)
    try:
        packets = [file.packet_at(position, file.begin) for _, _, position, _, _ in file.records()]
        return [packet.comment for packet in packets if packet.comment]
    finally:
        file.close()


def test_that_our_own_reader_finds_the_same_frames(exported):
    store, path = exported
    with closing(CaptureReader(path, {})) as reader:
        for _ in reader.batches():
            pass
        assert frames_in(reader.index) == frames_in(store.index)
        assert not reader.warnings


STEPS = (
    "opening handshake of bob: GET /chat/lobby/ was answered with 101",
    "on websocket.receive: worker-1 took it after 1.2 ms, chat.receive ran 2.0 ms",
    "a copy for group chat-lobby, sent by worker-1 because of message",
    "worker-1 sends a message to group chat-lobby: 2 copies",
    "WebSocket message 2 to ada was message",
    "because of message",
    "PING: it never leaves the interface server",
    "a fragment: more follows",
    "nobody took it: it expired after 60.0 s",
    "expired on websocket.receive after 60.0 s: nobody took it, nobody is told (reconstructed, not sniffed)",
    "a ghost: message",
    "worker-2 was killed (SIGKILL) holding message",
    "was refused by its channel: full",
    "server is refused by websocket.receive: full",
    "typed in the console",
    "the connection of bob is closed",
    "everything is wiped: flush",
)


@pytest.mark.parametrize("step", STEPS)
def test_that_a_comment_names_the_step(exported, step):
    comments = comments_in(exported[1])
    assert any(step in comment for comment in comments), comments


def test_that_every_packet_with_redis_says_that_it_is_made(exported):
    file = CaptureFile(exported[1])
    packets = [file.packet_at(position, file.begin) for _, _, position, _, _ in file.records()]
    file.close()
    of_redis = [packet for packet in packets if 6379 in _ports(packet.data) and packet.data[40:]]
    assert len(of_redis) > 20
    assert all("reconstructed" in packet.comment for packet in of_redis)


def _ports(data: bytes) -> tuple[int, int]:
    return int.from_bytes(data[20:22], "big"), int.from_bytes(data[22:24], "big")


def as_ipv6(event):
    if not isinstance(event, e.ConnectionOpened):
        return event
    return replace(event, client=f"[::1]:{event.client.rpartition(':')[2]}", server="[::1]:8000")


@pytest.fixture(scope="module")
def over_ipv6(exported, tmp_path_factory):
    path = tmp_path_factory.mktemp("ipv6") / "talk.pcapng"
    export_session(map(as_ipv6, whole(exported[0])), path)
    return path


def test_that_connections_over_ipv6_stay_so(exported, over_ipv6):
    with closing(CaptureReader(over_ipv6, {})) as reader:
        opened = [note.value for notes in reader.batches() for note in notes if isinstance(note.value, Opened)]
        assert {one.server for one in opened} == {"[::1]:8000"}
        assert frames_in(reader.index) == frames_in(exported[0].index)


# --- what Wireshark makes of it ---


def tshark(path, *words) -> list[dict]:
    """Return the packets as tshark has them, checksums checked, values by field name."""
    checks = ("-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE")
    done = subprocess.run(["tshark", "-r", path, *checks, *words, "-T", "json", "--no-duplicate-keys"],
                          capture_output=True, text=True, check=True, timeout=60)  # fmt: skip
    return [packet["_source"]["layers"] for packet in json.loads(done.stdout)]


@needs_tshark
def test_that_tshark_finds_no_malformed_packet_and_no_wrong_checksum(exported, over_ipv6):
    wrong = "_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0 || tcp.analysis.flags"
    assert tshark(exported[1], "-Y", wrong) == []
    assert tshark(over_ipv6, "-Y", wrong) == []


@needs_tshark
def test_that_tshark_dissects_every_frame_as_we_do(exported):
    store, path = exported
    assert dissected(path) == frames_in(store.index)


def dissected(path) -> Counter:
    """Return the WebSocket frames that tshark finds, as frames_in does."""
    found: Counter = Counter()
    for packet in tshark(path, "-Y", "websocket", "-x"):
        direction = "client" if packet["tcp"]["tcp.dstport"] == "8000" else "server"
        for one in many(packet["websocket"]):
            payload = bytes.fromhex(one["websocket.payload_raw"][0]) if "websocket.payload_raw" in one else b""
            opcode, fin, mask = (int(one[f"websocket.{name}"]) for name in ("opcode", "fin", "mask"))
            found[direction, opcode, bool(fin), bool(mask), payload] += 1
    return found


def many(value):
    return value if isinstance(value, list) else [value]


@needs_tshark
def test_that_tshark_dissects_http_and_redis(exported):
    path = exported[1]
    assert fields(path, "http.request", "http.request.uri") == ["/chat/lobby/"] * 2
    assert fields(path, "http.response", "http.response.code") == ["101"] * 2
    assert fields(path, "tcp.port == 6379 && tcp.len > 0 && !resp", "frame.number") == []
    words = "\n".join(fields(path, "resp", "resp.bulk_string.value"))
    for word in ("BLPOP", "GETDEL", "RPUSH", "ZRANGE", "ZADD", "PSUBSCRIBE", "pmessage", "FLUSHDB"):
        assert word.encode().hex() in words, word


@needs_tshark
def test_that_tshark_shows_the_comments(exported):
    assert fields(exported[1], "frame.comment", "frame.comment") == comments_in(exported[1])


def fields(path, wanted: str, field: str) -> list[str]:
    words = ["tshark", "-r", path, "-Y", wanted, "-T", "fields", "-e", field]
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()


# --- what is no session ---


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "expected a channelscope recording"),
        (b"hello\n", "expected a channelscope recording"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "expected a channelscope recording"),
        (b'{"some": "json"}\n', "expected a channelscope recording"),
        (b"[1, 2]\n", "expected a channelscope recording"),
        (b'{"format": "channelscope recording", "version": 99}\n', "version 99 of the format; this program reads 1"),
        (b"\x1f\x8bnot really", "damaged"),
    ],
)
def test_that_what_is_no_session_is_told_in_one_line(tmp_path, capsys, content, says):
    path = tmp_path / "talk.cscope"
    path.write_bytes(content)
    assert main(["export", str(path), str(tmp_path / "out.pcapng")]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert "talk.cscope" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out.pcapng").exists()


def test_that_of_a_session_cut_off_anywhere_what_is_whole_is_exported(exported, tmp_path, capsys):
    store, _ = exported
    whole, out = (exported[1].parent / "talk.cscope").read_bytes(), tmp_path / "out.pcapng"
    cut, most = tmp_path / "cut.cscope", 0
    end = whole.rfind(blocks.SIGNATURE)  # of the events; then it is only said that it is the end
    for size in range(10, end, len(whole) // 25):
        cut.write_bytes(whole[:size])
        status, told = main(["export", str(cut), str(out)]), capsys.readouterr()
        assert told.err.count("\n") == 1
        assert f"cut.cscope: cut off after {size} bytes" in told.err
        assert status == (0 if out.exists() else 2)
        if status == 0:
            assert "what came after is missing" in told.err
            with closing(CaptureReader(out, {})) as reader:
                for _ in reader.batches():
                    pass
                found = frames_in(reader.index)
            assert len(found) >= most
            assert set(found) <= set(frames_in(store.index))
            most = len(found)
            out.unlink()
    assert most > 5


def test_that_files_that_are_not_there_are_told(tmp_path, capsys, exported):
    assert main(["export", str(tmp_path / "none.cscope"), str(tmp_path / "out.pcapng")]) == 2
    assert "no such file" in capsys.readouterr().err
    assert main(["export", str(tmp_path), str(tmp_path / "out.pcapng")]) == 2
    assert "directory" in capsys.readouterr().err
    session = str(exported[1].parent / "talk.cscope")
    assert main(["export", session, str(tmp_path / "nowhere" / "out.pcapng")]) == 2
    assert "was not written: No such file" in capsys.readouterr().err
    assert main(["export", session, session]) == 2
    assert "is the session itself" in capsys.readouterr().err
