#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the command line and hand over to the subcommand."""

import sys

from app.commands.line import main

if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)  # as a shell says it: 128 + SIGINT
