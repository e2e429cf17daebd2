# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS: is a certificate one, and how the program's own clients speak with the program's own pages."""

from __future__ import annotations

import ssl


def check_certificate(certfile: str, keyfile: str) -> None:
    """Raise OSError, with a reason for people, when TLS is wished and cannot be had."""
    if keyfile and not certfile:
        raise OSError(f"{keyfile} is a key without its certificate: name that with --certfile")
    if not certfile:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certfile, keyfile or None)
    except OSError as error:
        raise OSError(f"{certfile} is no certificate with its key: {error}") from error


def context_for(address: str) -> ssl.SSLContext | None:
    """Return how to speak with the pages at an address, None where they are without TLS.

    The pages are our own, mostly on this machine under a number: the certificate may be anybody's and is not checked.
    """
    if not address.startswith("https:"):
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
