# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is said to have lost a message that was taken and not fetched."""

from app.events import MessageReceived, MessageSent, MessagesWiped, WorkerExited
from app.sources.unfetched import WAITING_LIMIT, Unfetched


def sent(key, t=1.0):
    return MessageSent(t=t, source="server", key=key, channel="websocket.receive", body=b"", expiry=60)


def received(key):
    return MessageReceived(t=1.0, source="worker-1", key=key, channel="websocket.receive")


def test_that_messages_whose_receipt_was_told_first_do_not_crowd_one_out_that_is_missing():
    unfetched = Unfetched()
    unfetched.notice(sent("missing"))
    for number in range(WAITING_LIMIT + 1):  # each process has a pipe of its own
        unfetched.notice(received(f"key {number}"))
        unfetched.notice(sent(f"key {number}"))
    assert unfetched.queue_of("missing") == "websocket.receive"
    assert not unfetched.queue_of("key 7")


def test_that_the_worker_that_ended_meanwhile_is_named():
    unfetched = Unfetched()
    unfetched.notice(sent("missing"))
    unfetched.notice(WorkerExited(t=2.0, source="lab", worker="worker-2", status=0, signal="KILL"))
    unfetched.miss("missing", 61.0)
    assert not unfetched.lost(61.1), "a reader may still say that it passed a ghost"
    assert [(lost.key, lost.worker) for lost in unfetched.lost(62.0)] == [("missing", "worker-2")]


def test_that_after_a_kill_what_waited_before_it_is_asked_for_once():
    unfetched = Unfetched()
    unfetched.notice(sent("before"))
    unfetched.notice(WorkerExited(t=2.0, source="lab", worker="worker-2", status=0, signal="KILL"))
    unfetched.notice(sent("after", t=2.5))
    assert not unfetched.doubtful(4.0), "what it said may still be under way"
    assert unfetched.doubtful(5.5) == ["before"]
    assert not unfetched.doubtful(6.0)


def test_that_what_was_wiped_is_not_missing():
    unfetched = Unfetched()
    unfetched.notice(sent("wiped"))
    unfetched.notice(WorkerExited(t=2.0, source="lab", worker="worker-2", status=0, signal="KILL"))
    unfetched.miss("wiped", 5.0)
    unfetched.notice(MessagesWiped(t=4.0, source="redis", reason="restart"))
    assert not unfetched.doubtful(5.5)
    assert not unfetched.lost(6.0)
