# SPDX-License-Identifier: GPL-3.0-or-later
"""One module per subcommand of the command line."""
