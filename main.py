#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the command line and hand over to the subcommand."""

import sys

INTERRUPTED = 130  # as a shell says it: 128 + SIGINT

try:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # while modules are imported, an interrupt is to end it without a word
    from app.commands.line import main
except KeyboardInterrupt:
    sys.exit(INTERRUPTED)

if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
