# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of the demo's data, and the secret that lies in it."""

from __future__ import annotations

import contextlib
import getpass
import os
import secrets
import tempfile
from pathlib import Path

SECRET_FILE = "secret.key"


def data_folder(named: str = "") -> Path:
    """Return the folder, made if need be: the one that was named, or one of this user's for temporary files.

    Raises:
        PermissionError: somebody else made the temporary one.
    """
    folder = Path(named) if named else Path(tempfile.gettempdir()) / f"channelscope-demo-{getpass.getuser()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not named and hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to another user; name a folder with --data.")
    return folder


def secret_key(folder: Path) -> str:
    """Return the secret of this folder's sessions; the first process to ask makes it."""
    path = folder / SECRET_FILE
    if not path.exists():
        mine = folder / f"{SECRET_FILE}.{os.getpid()}"
        with open(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(mine, path)  # all of it or nothing, and never over another process's
        mine.unlink()
    return path.read_text()
