# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker typed by hand: `main.py worker --redis URL`."""

import signal
import subprocess
import sys

from app.layer import RedisChannelLayer
from tests.checklist import row
from tests.redis_fixture import wait_until


@row("W-11")
def test_that_a_worker_with_two_threads_handles_two_messages_at_a_time_and_leaves_on_term(redis_url):
    layer = RedisChannelLayer(hosts=[redis_url])
    words = ["main.py", "worker", "--redis", redis_url, "--settings", "", "--threads", "2"]
    words += ["--routing", "tests.worker.slow_routing.channel_routing", "--name", "mine"]
    worker = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True)
    try:
        layer.send("meet", {"reply_channel": "answers?abc"})
        layer.send("meet", {"reply_channel": "answers?abc"})
        # Each consumer waits for the other: both answers come only if both run at once.
        answers = [wait_until(lambda: layer.receive(["answers?abc"])[1], "an answer") for _ in range(2)]
        assert answers == [{"met": True}] * 2
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(10) == 0
        assert "mine.2" in worker.stdout.read()
    finally:
        if worker.poll() is None:
            worker.kill()
            worker.wait()
        worker.stdout.close()
        layer.close()
