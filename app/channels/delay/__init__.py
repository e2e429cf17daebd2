# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages that are sent later: what comes on `asgi.delay` waits in the database until it is due."""
