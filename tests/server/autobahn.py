# SPDX-License-Identifier: GPL-3.0-or-later
"""Autobahn's suite for WebSocket servers: it needs Python 2.7, and is installed by name under build/peers, once."""

from __future__ import annotations

import glob
import json
import os
import shutil
import subprocess
from pathlib import Path

from tests.layer.peers import FOLDER, NotHere, refused

SUITE = "autobahntestsuite==25.10.1"
GOOD = {"OK", "NON-STRICT", "INFORMATIONAL"}
# addsitedir reads the .pth file of zope's namespace; first in the path, so that no package elsewhere is in its way.
START = """
import site, sys
home = sys.argv.pop(1)
site.addsitedir(home)
sys.path.insert(0, home)
from autobahntestsuite.wstest import run
run()
"""


def python27() -> str:
    """Return a Python 2.7, "" if there is none: on PATH, or pyenv's."""
    roots = filter(None, [os.environ.get("PYENV_ROOT"), str(Path.home() / ".pyenv")])
    found = [path for root in roots for path in sorted(glob.glob(f"{root}/versions/2.7*/bin/python2.7"))]
    return found[-1] if found else shutil.which("python2.7") or ""


def installed() -> Path:
    """Return the folder of the suite; install it if need be.

    Raises:
        NoPeer: it cannot be had; NotHere where that is for want of a Python 2.7 or the network.
    """
    python, home = python27(), FOLDER / "autobahn"
    if not python:
        raise NotHere("there is no Python 2.7 on this machine, and Autobahn's suite needs one")
    if not (home / "ready").exists():
        shutil.rmtree(home, ignore_errors=True)
        command = [python, "-m", "pip", "install", "-q", "--target", str(home), SUITE]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise refused(done.stderr)
        (home / "ready").touch()
    return home


def failures(url: str, cases: list[str], without: list[str], folder: Path, seconds: float) -> tuple[int, list[str]]:
    """Run cases (globs) against a server that echoes; returns how many there were, and those that failed."""
    home = installed()
    spec = {
        "outdir": str(folder / "reports"), "servers": [{"agent": "us", "url": url}], "cases": cases,
        "exclude-cases": without, "exclude-agent-cases": {},
    }  # fmt: skip
    (folder / "spec.json").write_text(json.dumps(spec))
    command = [python27(), "-c", START, str(home), "-m", "fuzzingclient", "-s", str(folder / "spec.json")]
    subprocess.run(command, cwd=folder, check=True, timeout=seconds, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    (results,) = json.loads((folder / "reports" / "index.json").read_text()).values()
    bad = [f"{name}: {r['behavior']}, close {r['behaviorClose']}" for name, r in results.items() if not is_good(r)]
    return len(results), sorted(bad)


def is_good(result: dict[str, str]) -> bool:
    """Whether a case passed; NON-STRICT is what the RFC allows but does not wish."""
    return result["behavior"] in GOOD and result["behaviorClose"] in GOOD - {"NON-STRICT"}
