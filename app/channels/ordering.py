# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages of one socket in their order, although several workers take them (asgi1_checklist §11)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from app.channels.channel import Channel
from app.channels.exceptions import ConsumeLater
from app.channels.message import Message
from app.channels.outbox import outbox_for
from app.channels.routing import Consumer

NEXT = "__channels_next_order"  # in the socket's session: the order whose turn it is
ORIGINAL = "original_channel"  # in a message that waits: where it goes back to
PATIENCE = 2.0  # seconds that a message waits for room in a full channel


def enforce_ordering(consumer: Consumer | None = None, slight: bool = False) -> Any:
    """Let the consumer run for a socket's messages in their order; what comes too early waits in a channel of its own.

    Args:
        slight: as in 2016: the connect first, then in any order. Channels 1.0 and later refuse it.

    Raises (when called):
        ValueError: the message has no `order`.
    """
    if consumer is None:
        return functools.partial(enforce_ordering, slight=slight)
    from app.channels.sessions import channel_session, message_of

    @channel_session
    @functools.wraps(consumer)
    def in_order(*args: Any, **kwargs: Any) -> Any:
        message = message_of(args)
        if "order" not in message:
            raise ValueError(f"enforce_ordering needs a message with an order; {message.channel} has none.")
        turn = message.channel_session.get(NEXT, 0)
        if message["order"] == turn:
            return _run(message, lambda: consumer(*args, **kwargs))
        if slight and turn > 0:
            return consumer(*args, **kwargs)
        return _wait(message, turn)

    return in_order


def wait_channel_name(reply_channel: Channel | str) -> str:
    """Return the name of the channel where a socket's messages wait; `?`, because any worker may read it."""
    return "__wait__." + str(reply_channel).replace("!", "?")


def requeue_messages(message: Message) -> None:
    """Move everything that waits for the message's socket back to where it came from."""
    outbox, _ = outbox_for(message.channel_layer)
    waiting = wait_channel_name(_reply_channel(message))
    while (taken := outbox.take(waiting)) and taken.message is not None:
        content = dict(taken.message)
        outbox.send_patiently(content.pop(ORIGINAL), content, PATIENCE)


def _run(message: Message, consume: Callable[[], Any]) -> Any:
    session = message.channel_session
    try:
        result = consume()
    except ConsumeLater:
        raise  # it is still this message's turn
    except BaseException:
        _pass_on(message, session)
        raise
    _pass_on(message, session)
    return result


def _pass_on(message: Message, session: Any) -> None:
    """It is the next one's turn, whatever became of this one."""
    if session.modified:
        session.save()  # what is sent may bring a message that needs it
    outbox_for(message.channel_layer)[0].flush()  # or the next one's answers might overtake its own
    session[NEXT] = message["order"] + 1
    session.save()
    session.modified = False
    requeue_messages(message)


def _wait(message: Message, turn: int) -> None:
    content = {**message.content, ORIGINAL: message.channel.name}
    outbox_for(message.channel_layer)[0].send_patiently(wait_channel_name(_reply_channel(message)), content, PATIENCE)
    session = message.channel_session
    if type(session)(session.session_key).get(NEXT, 0) != turn:
        requeue_messages(message)  # its turn came while it went to wait, and nobody will look there again


def _reply_channel(message: Message) -> Channel:
    if message.reply_channel is None:
        raise ValueError("enforce_ordering needs a message with a reply_channel.")
    return message.reply_channel
