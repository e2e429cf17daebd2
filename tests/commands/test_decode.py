# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py decode`: the JSON that scripts rely on, the table, the exit status."""

import argparse
import hashlib
import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from app.commands import decode
from tests.capture.packets import A6, B6, A, B, ethernet, ip4, ip6, pcap, tcp
from tests.capture.test_reader import MASKED, TEXT, Talk
from tests.wire.peer import frame, request, response

CAPTURES = Path(__file__).parent.parent.parent / "captures"
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n"


def sha(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def run(tmp_path, capsys):
    def run(packets, *words, data=None):
        path = tmp_path / "capture.pcap"
        path.write_bytes(pcap(packets) if data is None else data)
        parser = argparse.ArgumentParser()
        decode.add_arguments(parser)
        status = decode.run(parser.parse_args([str(path), *words]))
        out, err = capsys.readouterr()
        return status, out.splitlines(), err.splitlines()

    return run


def frames(result):
    status, out, _ = result
    assert status == 0
    return [json.loads(line) for line in out]


def test_that_a_frame_has_exactly_the_fields_that_were_promised(run):
    (found,) = frames(run(Talk().upgrade().add("c", MASKED).packets, "--json"))
    payload = b'{"message": "Hello"}'
    assert found == {
        "stream": 0, "time": 101.25, "src": "10.0.0.2:50000", "dst": "10.0.0.1:8000", "fin": True, "rsv1": False,
        "rsv2": False, "rsv3": False, "masked": True, "opcode": 1, "length": 20, "payload_sha256": sha(payload),
        "message_sha256": sha(payload), "violations": [],
    }  # fmt: skip


def test_that_only_the_frame_that_ends_a_message_has_its_hash(run):
    data = frame(0x01, b"Hel") + frame(0x89, b"!") + frame(0x80, b"lo")
    first, ping, last = frames(run(Talk().upgrade().add("s", data).packets, "--json"))
    assert "message_sha256" not in first
    assert "message_sha256" not in ping
    assert last["message_sha256"] == sha(b"Hello")
    assert last["payload_sha256"] == sha(b"lo")


def test_that_the_payload_is_hashed_before_and_the_message_after_inflating(run):
    squeezer = zlib.compressobj(wbits=-15)
    data = (squeezer.compress(b"Hello") + squeezer.flush(zlib.Z_SYNC_FLUSH))[:-4]
    talk = Talk().open().add("c", request(DEFLATE)).add("s", response(DEFLATE)).add("s", frame(0xC1, data))
    (found,) = frames(run(talk.packets, "--json"))
    assert (found["rsv1"], found["payload_sha256"], found["message_sha256"]) == (True, sha(data), sha(b"Hello"))


def test_that_a_close_frame_has_its_code_if_it_has_one(run):
    data = frame(0x88, struct.pack(">H", 1001)) + frame(0x88)
    first, second = frames(run(Talk().upgrade().add("s", data).packets, "--json"))
    assert first["close_code"] == 1001
    assert "close_code" not in second
    assert second["violations"] == ["WS-12"]


def test_that_an_unfinished_last_frame_says_so(run):
    (found,) = frames(run(Talk().upgrade().add("s", TEXT[:10]).packets, "--json"))
    assert found["complete"] is False
    assert found["length"] == len(TEXT) - 2
    assert "message_sha256" not in found


def test_that_streams_count_all_connections_and_ipv6_stands_in_brackets(run):
    other = Talk(("10.0.0.9", 1111)).open().add("c", b"SSH-2.0-x\r\n")
    packet = ethernet(ip6(B6, A6, tcp(B6, A6, 5, TEXT)))
    (found,) = frames(run([*other.packets, (200.0, packet)], "--json"))
    assert (found["stream"], found["src"], found["dst"]) == (1, "[::1]:8000", "[::1]:50000")


def test_that_the_time_is_that_of_the_packet_that_completed_the_frame(run):
    talk = Talk().upgrade().add("s", TEXT[:5]).add("s", TEXT[5:]).add("c").add("c")
    (found,) = frames(run(talk.packets, "--json"))
    assert found["time"] == 101.5
    joined = Talk().add("s", TEXT[:5]).add("s", TEXT[5:]).add("c").add("c")
    (found,) = frames(run(joined.packets, "--json"))
    assert found["time"] == 100.25


def test_that_gaps_warnings_and_bad_handshakes_go_to_stderr(run):
    talk = Talk().open().add("c", request()).add("s", response(accept="wrong")).add("s", TEXT, lose=True)
    status, out, err = run(talk.add("s", TEXT).packets, "--json")
    assert (status, len(out)) == (0, 1)
    assert any("WS-01" in line for line in err)
    assert any(f"gap of {len(TEXT)} bytes" in line for line in err)
    _, _, err = run([], data=pcap(talk.packets)[:-3])
    assert any("cut short" in line for line in err)


def test_that_a_filter_chooses_frames(run):
    packets = Talk().upgrade().add("c", MASKED).add("s", TEXT + frame(0x89)).packets
    assert [f["opcode"] for f in frames(run(packets, "--json", "--filter", "direction == server"))] == [1, 9]
    assert [f["opcode"] for f in frames(run(packets, "--json", "--filter", "websocket.opcode == 9"))] == [9]
    assert len(frames(run(packets, "--json", "--filter", 'payload contains "Hello" and mask'))) == 1


def test_that_the_table_is_for_people(run):
    data = frame(0x83, b"?") + frame(0x88, b"\x03\xe8bye") + TEXT[:9]
    status, out, _ = run(Talk().upgrade().add("c", MASKED).add("s", data).packets)
    assert status == 0
    assert "stream" in out[0]
    assert "TEXT" in out[1]
    assert '{"message": "Hello"}' in out[1]
    assert "0x3" in out[2]
    assert "!WS-06" in out[2]
    assert "1000 bye" in out[3]
    assert "(unfinished)" in out[4]


@pytest.mark.parametrize(("data", "words"), [(b"", "empty file"), (b"not a capture at all", "expected a capture file")])
def test_that_what_is_no_capture_ends_with_status_2_and_one_line(run, data, words):
    status, out, err = run([], data=data)
    assert (status, out, len(err)) == (2, [], 1)
    assert words in err[0]


def test_that_a_wrong_filter_ends_with_status_2_and_one_line(run):
    status, out, err = run(Talk().packets, "--filter", "opkode == 1")
    assert (status, out, len(err)) == (2, [], 1)
    assert "at character 1" in err[0]


def test_that_a_missing_file_and_a_directory_end_with_status_2(tmp_path, capsys):
    for path in (tmp_path, tmp_path / "nothing"):
        assert decode.run(argparse.Namespace(file=path, json=True, filter="", websocket=[], other=[])) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_that_both_ends_keep_their_roles_whoever_speaks(run):
    packets = Talk(A, B).upgrade().add("c", MASKED).add("s", TEXT).packets
    assert [(f["src"], f["masked"]) for f in frames(run(packets, "--json"))] == [
        ("10.0.0.2:50000", True), ("10.0.0.1:8000", False),
    ]  # fmt: skip


def test_that_the_user_may_say_what_a_stream_is(run):
    packets = [(1.0, ethernet(ip4(B, A, tcp(B, A, 5, frame(0x82, b"\0\0\0")))))]
    assert frames(run(packets, "--json")) == []
    assert len(frames(run(packets, "--json", "--websocket", "0"))) == 1
    assert frames(run(Talk().upgrade().add("s", TEXT).packets, "--json", "--other", "0")) == []


@pytest.mark.parametrize("words", [["--json"], []])
def test_that_a_reader_who_has_enough_ends_it_quietly(tmp_path, words):
    path = tmp_path / "capture.pcap"
    talk = Talk().upgrade()
    for _ in range(3000):
        talk.add("s", TEXT)
    path.write_bytes(pcap(talk.packets))
    command = [sys.executable, str(Path(decode.__file__).parent.parent.parent / "main.py"), "decode", str(path), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(20) == 0


@pytest.mark.parametrize("name", sorted(path.name for path in CAPTURES.glob("*.pcap*")))
@pytest.mark.parametrize("words", [["--json"], ["--filter", "length > 3"]])
def test_that_a_file_read_by_another_process_gives_the_same(run, monkeypatch, name, words):
    data = (CAPTURES / name).read_bytes()
    alone = run(None, *words, data=data)
    monkeypatch.setattr(decode, "_LARGE", 0)
    assert run(None, *words, data=data) == alone


def test_that_the_user_may_say_what_a_stream_is_to_the_other_process(run, monkeypatch):
    monkeypatch.setattr(decode, "_LARGE", 0)
    packets = [(1.0, ethernet(ip4(B, A, tcp(B, A, 5, frame(0x82, b"\0\0\0")))))]
    assert frames(run(packets, "--json")) == []
    assert len(frames(run(packets, "--json", "--websocket", "0"))) == 1


def test_that_a_lost_process_ends_with_status_2_and_one_line(run, monkeypatch):
    monkeypatch.setattr(decode, "_LARGE", 0)
    monkeypatch.setattr("app.capture.ahead.pipe.receive", lambda stream: None)
    status, _, err = run(Talk().upgrade().add("s", TEXT).packets, "--json")
    assert status == 2
    assert len(err) == 1
    assert "ended early" in err[0]
