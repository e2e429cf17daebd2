# SPDX-License-Identifier: GPL-3.0-or-later
"""Every event as one line for people: what happened, to what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app import events as e
from app.wire.frames import opcode_name

ORIGIN_CHECKS = {"origin": "our own only", "hosts": "those of our hosts, from any port", "none": "any page at all"}
CUT = 160  # characters of a text that a program or a person wrote


def tell(event: e.Event) -> str:
    """Return one line on an event; it has neither the time nor the source, which stand beside it."""
    line = " ".join(said(event).split())
    return line if len(line) <= CUT else f"{line[: CUT - 1]}…"


def said(event: e.Event) -> str:
    """Return all that is said of an event, as long as it is."""
    return _TOLD[type(event)](event).rstrip()


def subject(event: e.Event) -> tuple[str, str]:
    """Return the (kind, item) that selecting this event selects, ("", "") when it is about nothing that can be."""
    for kind, name in _SUBJECTS:
        if item := getattr(event, name, ""):
            return kind, item
    if isinstance(event, e.FrameSeen):
        return "frame", str(event.row)
    return "", ""


_SUBJECTS = (("message", "key"), ("worker", "worker"))


def short(key: str) -> str:
    """Return a message's key in eight digits."""
    return key[:8]


def bots_line(event: e.BotsCounted) -> str:
    """Say what bots did, a second; `main.py bots` prints it too."""
    per = 1 / max(event.seconds, 0.001)
    where = f"{event.open or event.count} bots {'drew' if event.page == 'draw' else 'chatted'} in {event.room}"
    sent = f"{event.sent * per:.0f} messages/s sent ({event.bytes_sent * per / 1000:.0f} kB/s)"
    got = f"{event.received * per:.0f} received ({event.bytes_received * per / 1000:.0f} kB/s)"
    delay = f"delay {event.delay_p50 * 1000:.0f} ms, 99 % below {event.delay_p99 * 1000:.0f} ms"
    trouble = [f"{event.refused} not let in"] * (event.refused > 0) + [f"lost: {', '.join(event.closed)}"] * bool(
        event.closed
    )
    over = f" in all {event.seconds:.1f} s" if event.is_over else ""
    return "; ".join([f"{where}{over}: {sent}, {got}", delay, *trouble])


def _explained(event: e.RouteExplained) -> str:
    message = f"a message on {event.channel}"
    if event.consumer:
        return f"{message} goes to {event.consumer} by route {event.number}"
    return f"{message} has no route" if event.is_listened else f"{message} would wait: no worker listens there"


def _checked(event: e.ConsumersChecked) -> str:
    if event.is_good:
        return f"{event.module or 'the consumers'} can be loaded"
    where = f" ({event.file}, line {event.line})" if event.line else ""
    return f"{event.module or 'the consumers'} cannot be loaded: {event.error}{where}"


def _many(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'s' if count != 1 else ''}".replace(",", " ")


def _pace(pace: int) -> str:
    return f"{pace} messages a second" if pace else "every move"


def _kinds(counts: dict[str, int]) -> str:
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    return f": {told}" if told else ""


def _frame(event: e.FrameSeen) -> str:
    broken = f", breaks {', '.join(event.violations)}" if event.violations else ""
    part = "" if event.fin else ", more follows"
    name = opcode_name(event.opcode)
    return f"{event.connection}: {name} frame of {event.length} bytes from the {event.direction}{part}{broken}"


def _because(cause: str) -> str:
    return f" because of {short(cause)}" if cause else ""


def _sent(event: e.MessageSent) -> str:
    why = _because(event.cause)
    group = f" as a copy for group {event.group}" if event.group else ""
    return f"message {short(event.key)} sent to {event.channel}{group}{why}, may wait {event.expiry:g} s"


def _received(event: e.MessageReceived) -> str:
    goes = f", goes out on {event.connection}" if event.connection else ""
    by = f" by the consumer of {short(event.cause)} itself" if event.cause else ""
    return f"message {short(event.key)} taken from {event.channel}{by}{goes}"


def _order(order: int) -> str:
    return f", number {order} of its socket" if order >= 0 else ""


def _exited(event: e.WorkerExited) -> str:
    return f"{event.worker} {how_ended(event.signal, event.status)}"


def how_ended(signal: str, status: int) -> str:
    """Say how a worker ended."""
    if signal:
        return f"ended by SIG{signal}"
    return f"exited with status {status}" if status >= 0 else "is heard of no more"


def _progress(event: e.CaptureProgress) -> str:
    return f"{_many(event.packets, 'packet')} read, {_many(event.frames, 'frame')} found in {event.path}"


def _parts(event: e.WayMeasured) -> str:
    spent = {"server": event.server, "queue": event.queue, "consumer": event.consumer, "reply": event.reply}
    return ", ".join(f"{part} {seconds * 1000:.1f} ms" for part, seconds in spent.items())


def _selected(event: e.Selected) -> str:
    return f"selected: {event.kind} {event.item} {event.field}" if event.kind else "nothing is selected any more"


GATES: dict[str, str] = {
    "send": "before it is sent",
    "receive": "before a worker takes it",
    "popped": "between BLPOP and GET",
    "fetched": "between GET and DEL",
    "deleted": "after DEL",
    "consumer": "before its consumer runs",
    "replies": "before what the consumer sends leaves",
    "frames": "before it becomes a frame",
}


def _held(event: e.MessageHeld) -> str:
    what = f"message {short(event.key)}" if event.key else "a message"
    return f"{what} for {event.channel} is held by {event.source} {GATES[event.gate]}"


def _stepped(event: e.Stepped) -> str:
    if event.is_empty:
        return f"one step: {event.source} finds nothing to take from {event.channel}"
    what = f"message {short(event.key)}" if event.key else "a message"
    return f"one step: {what} for {event.channel} passes the gate of {event.source} {GATES[event.gate]}"


def _faults(event: e.FaultsSet) -> str:
    drop = [f"{share:.0%} of {glob} is dropped" for glob, share in event.drop.items()]
    delay = [f"sends to {glob} take up to {seconds:g} s longer" for glob, seconds in event.delay.items()]
    return f"on purpose: {', '.join(drop + delay)} (seed {event.seed})" if drop or delay else "nothing fails on purpose"


_TOLD: dict[type[e.Event], Callable[[Any], str]] = {
    e.ConnectionOpened: lambda v: f"{v.connection} opened from {v.client}",
    e.BytesSeen: lambda v: f"{v.connection}: {_many(v.length, 'byte')} from the {v.direction}",
    e.WayMeasured: lambda v: f"{short(v.key)}: {_parts(v)}; longest: {v.longest}",
    e.HandshakeSeen: lambda v: f"{v.connection}: handshake for {v.target} answered with {v.status or 'nothing yet'}",
    e.FrameSeen: _frame,
    e.WebSocketMessageSeen: lambda v: (
        f"{v.connection}: {v.direction} message{f' {v.n}' if v.n else ''} complete, {_many(v.length, 'byte')}"
    ),
    e.ClientNamed: lambda v: f"{v.connection} is {v.name}",
    e.GapSeen: lambda v: f"{v.connection}: {_many(v.length, 'byte')} from the {v.direction} were not seen",
    e.ConnectionClosed: lambda v: f"{v.connection} closed {v.reason}",
    e.MessageSent: _sent,
    e.GroupSent: lambda v: f"group {v.group} gets {_many(v.channels.count(chr(10)) + 1, 'copy')}",
    e.MessageReceived: _received,
    e.MessageExpired: lambda v: f"message {short(v.key)} expired unread",
    e.GhostsPassed: lambda v: f"{_many(len(v.keys), 'expired message')} passed over in {v.channel}",
    e.MessageRefused: lambda v: f"{v.channel} refused a message: {v.reason}",
    e.MessageSkipped: lambda v: f"{v.channel} is full: the copy for group {v.group} was left out",
    e.GroupEmpty: lambda v: f"nobody is in group {v.group}: no copy was made{_because(v.cause)}",
    e.MessageLost: lambda v: f"message {short(v.key)} lost: {v.reason} {v.worker}",
    e.MessagesWiped: lambda v: f"all messages and groups wiped: {v.reason}",
    e.GroupAdded: lambda v: f"{v.channel} joined group {v.group}",
    e.GroupDiscarded: lambda v: f"{v.channel} left group {v.group}",
    e.RowSaved: lambda v: (
        f"row {v.row} of {v.table} {'made' if v.is_new else 'saved again'} because of {short(v.cause)}"
        f"{v.shows and ': ' + v.shows}"
    ),
    e.ReplyChannelOpened: lambda v: f"{v.connection} is answered on {v.channel}",
    e.ChannelMeasured: lambda v: f"{v.channel} holds {v.length}, {v.live} of them alive",
    e.KeysSeen: lambda v: f"{_many(v.total, 'key')} in Redis",
    e.SourceStarted: lambda v: f"{v.name} started, pid {v.pid} {v.detail}" if v.pid else f"{v.name} is being started",
    e.SourceReady: lambda v: f"{v.name} ready {v.detail}",
    e.SourceFailed: lambda v: f"{v.name} failed: {v.reason} {v.remedy}",
    e.SourceFinished: lambda v: f"{v.name} finished {v.detail}",
    e.RedisLost: lambda v: f"Redis does not answer: {v.reason}",
    e.RedisBack: lambda _: "Redis answers again",
    e.WorkerStarted: lambda v: f"{v.worker} started, pid {v.pid}",
    e.WorkerReady: lambda v: f"{v.worker} listens to {', '.join(v.channels)}",
    e.ConsumerStarted: lambda v: (
        f"{v.worker} runs {v.consumer} for message {short(v.key)} from {v.channel}{_order(v.order)}"
    ),
    e.ConsumerFinished: lambda v: f"{v.worker} is done with message {short(v.key)} after {v.seconds * 1000:.1f} ms",
    e.ConsumerFailed: lambda v: f"{v.consumer} raised {v.error} for message {short(v.key)}; the worker goes on",
    e.WorkerStopped: lambda v: f"{v.worker} stopped (SIGSTOP)",
    e.WorkerContinued: lambda v: f"{v.worker} goes on (SIGCONT)",
    e.WorkerExited: _exited,
    e.LogLine: lambda v: v.text if v.level == "info" else f"{v.level}: {v.text}",
    e.LabStarted: lambda v: f"a new run: {_many(v.workers, 'worker')}, expiry {v.expiry:g} s, capacity {v.capacity}",
    e.ExpiryChanged: lambda v: f"new messages may wait {v.expiry:g} s",
    e.Frozen: lambda _: "the live system stands still, and the clock of Redis too",
    e.Thawed: lambda v: f"the live system goes on after {v.seconds:.1f} s",
    e.SpeedSet: lambda v: f"the live system goes at {v.speed:g} of its speed" if v.speed < 1 else "no slow motion",
    e.GatesSet: lambda v: f"{v.source} obeys",
    e.DelaysMoved: lambda v: f"{v.source} moved the times of delayed messages",
    e.MessageHeld: _held,
    e.MessagePassed: lambda v: (
        f"{v.source} {'gives up' if v.is_dropped else 'lets go on'} what it held {GATES[v.gate]}"
    ),
    e.Stepped: _stepped,
    e.FaultsSet: _faults,
    e.OriginCheckSet: lambda v: f"which pages may open a socket: {ORIGIN_CHECKS[v.check]}",
    e.AttackTried: lambda v: f"a page of {v.origin} asked for a socket, {v.status}: {v.outcome}",
    e.ClientAdded: lambda v: f"{v.name} joined {v.room} from {v.address}",
    e.ClientLeft: lambda v: f"{v.name} left {v.reason}",
    e.BotsCounted: bots_line,
    e.BotsCompared: lambda v: (
        f"{v.count} bots at {_pace(v.pace)} instead of {_pace(v.pace_before)}: {v.messages:.0%} of the messages, "
        f"{v.bytes:.0%} of the bytes, {v.operations:.0%} of Redis's commands, delay: {v.delay}"
    ),
    e.VerbFailed: lambda v: f"{v.verb} could not be done: {v.reason} {v.remedy}",
    e.CaptureProgress: _progress,
    e.CommandRun: lambda v: f"{v.command} → {v.answer}",
    e.AcceptComputed: lambda v: f"the accept value of {v.key or 'no key'} is {v.accept}",
    e.HandshakeTried: lambda v: f"handshake with {v.mutation} answered with {v.status or 'nothing'}: {v.outcome}",
    e.RouteExplained: _explained,
    e.ConsumersChecked: _checked,
    e.ConsumersChanged: lambda v: f"workers that start from now on run the {v.version} consumers",
    e.PageFetched: lambda v: f"page {v.path} answered with {v.status or 'nothing'} after {v.seconds * 1000:.0f} ms",
    e.CaptureOpened: lambda v: f"capture {v.name} opened" if v.name else "capture closed",
    e.EventsDropped: lambda v: f"{_many(v.count, 'observation')} not kept",
    e.CountersSeen: lambda v: f"{_many(v.events, 'event')} to tell so far, {v.dropped} dropped{_kinds(v.unsaid)}",
    e.StepShown: lambda v: f"lesson {v.lesson}, step {v.step}",
    e.Predicted: lambda v: f"predicted option {v.option + 1} in lesson {v.lesson}, step {v.step}",
    e.RecordingStarted: lambda v: f"the recording of lesson {v.lesson}, step {v.step} is played",
    e.RecordingFinished: lambda v: f"the recording of lesson {v.lesson}, step {v.step} is over",
    e.Selected: _selected,
}
