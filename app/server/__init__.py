# SPDX-License-Identifier: GPL-3.0-or-later
"""The interface server process: an ASGI bridge between uvicorn and the channel layer, and the wire tap."""
