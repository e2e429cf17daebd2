# SPDX-License-Identifier: GPL-3.0-or-later
import os
import sqlite3
import subprocess
import sys


def prepare(folder):
    command = [sys.executable, "-m", "app.demo.prepare"]
    subprocess.run(command, env={**os.environ, "CHANNELSCOPE_DATA": str(folder)}, check=True, timeout=30)


def test_that_a_database_whose_making_was_interrupted_is_finished(tmp_path):
    prepare(tmp_path)
    database = sqlite3.connect(tmp_path / "demo.sqlite3")
    database.execute("DELETE FROM django_migrations WHERE app = 'sessions'")  # as if killed just before it was noted
    database.commit()
    prepare(tmp_path)
    assert database.execute("SELECT count(*) FROM django_migrations WHERE app = 'sessions'").fetchone() == (1,)
    database.close()
