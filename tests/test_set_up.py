# SPDX-License-Identifier: GPL-3.0-or-later
"""`setup.sh` on machines that lack something, among programs that only pretend."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app.commands.doctor import LIBRARIES
from tests.own_project import MAIN

SETUP = MAIN.parent / "setup.sh"


class Machine:
    """A copy of setup.sh among programs that only pretend: what it says and what it called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(SETUP, folder)
        (folder / "requirements.txt").touch()
        (folder / "bin").mkdir()
        (folder / ".venv/bin").mkdir(parents=True)
        self.program("bin/dpkg-query", "echo install ok installed")
        self.program("bin/id", "echo 0")
        self.program("bin/apt-get", "exit 0")
        self.program(
            "bin/python3", f'[ "$1" != -m ] || {{ mkdir -p .venv/bin; cp {folder}/bin/apt-get .venv/bin/python; }}'
        )
        self.program(".venv/bin/python", "exit 0")

    def program(self, name: str, does: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{does}\n")
        path.chmod(0o755)

    def set_up(self) -> subprocess.CompletedProcess:
        path = f"{self.folder}/bin:{os.defpath}"
        return subprocess.run(
            ["sh", "./setup.sh"], cwd=self.folder, env={"PATH": path}, capture_output=True, text=True, timeout=30
        )


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_that_set_up_is_silent_when_all_is_there(machine):
    assert "Installing Python packages" in machine.set_up().stdout
    again = machine.set_up()
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_that_a_user_who_may_not_install_is_told_what_to_type(machine):
    machine.program("bin/dpkg-query", "exit 1")
    machine.program("bin/id", "echo 1000")
    machine.program("bin/sudo", "exit 1")  # it would ask for a password
    done = machine.set_up()
    assert done.returncode == 2
    assert re.search(
        r"Please type:\n  sudo apt-get update; sudo apt-get install --no-install-recommends .*libgl1 ", done.stderr
    )


def test_that_apt_without_a_network_is_said_in_a_few_lines(machine):
    machine.program("bin/dpkg-query", "exit 1")
    machine.program("bin/apt-get", 'for i in $(seq 700); do echo "E: Failed to fetch $i" >&2; done; exit 100')
    done = machine.set_up()
    assert done.returncode == 2
    assert "E: Failed to fetch 700\napt-get could not install these system packages: " in done.stderr
    assert "It needs the network, once." in done.stderr
    assert len(done.stderr.splitlines()) < 10


def test_that_pip_without_a_network_is_said_and_tried_again(machine):
    machine.program(".venv/bin/python", 'case "$*" in *install*) exit 1;; esac')
    done = machine.set_up()
    assert done.returncode == 2
    assert "pip could not install the Python packages" in done.stderr
    machine.program(".venv/bin/python", "exit 0")
    assert "Installing Python packages" in machine.set_up().stdout


def test_that_an_environment_left_half_made_is_made_anew(machine):
    machine.program(".venv/bin/python", "exit 1")  # it has no pip
    done = machine.set_up()
    assert done.returncode == 0
    assert "Making a virtual environment" in done.stdout
    assert machine.set_up().stdout == ""


def test_that_the_doctor_knows_every_library_that_is_set_up():
    packages = re.search(r'^packages="(.*?)"', SETUP.read_text(), re.DOTALL | re.MULTILINE).group(1).split()
    assert {name for name in packages if name.startswith("lib")} == set(LIBRARIES.values())
