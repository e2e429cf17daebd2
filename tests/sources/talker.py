# SPDX-License-Identifier: GPL-3.0-or-later
"""A child for tests: says some lines and is killed at once, so that its box has what its pipe did not bring."""

import os
import signal
import sys
import time

from app.child import Child
from app.events import LogLine

if __name__ == "__main__":
    child = Child("talker")
    time.sleep(0.2)  # its thread has looked for what there is to write
    for n in range(int(sys.argv[1])):
        child.say(LogLine(t=time.time(), source="talker", text=f"line {n}"))
    os.kill(os.getpid(), signal.SIGKILL)
