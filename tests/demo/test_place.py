# SPDX-License-Identifier: GPL-3.0-or-later
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.demo.place import data_folder, secret_key

ROOT = Path(__file__).parent.parent.parent


def test_that_a_folder_keeps_one_secret_for_itself(tmp_path):
    secret = secret_key(tmp_path)
    assert len(secret) >= 50
    assert secret_key(tmp_path) == secret
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_that_processes_that_start_together_agree_on_the_secret(tmp_path):
    script = (
        "import sys; from pathlib import Path; from app.demo import place; print(place.secret_key(Path(sys.argv[1])))"
    )

    def ask(_):
        return subprocess.run([sys.executable, "-c", script, tmp_path], cwd=ROOT, capture_output=True, text=True).stdout

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(4)))) == 1


def test_that_a_named_folder_is_made_for_its_owner_only(tmp_path):
    folder = data_folder(str(tmp_path / "a" / "b"))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_that_preparing_twice_is_preparing_once(tmp_path):
    environment = {**os.environ, "CHANNELSCOPE_DATA": str(tmp_path)}
    for _ in range(2):
        subprocess.run([sys.executable, "-m", "app.demo.prepare"], cwd=ROOT, env=environment, check=True, timeout=60)
    assert (tmp_path / "demo.sqlite3").exists()


def test_that_names_are_tidied():
    from app.demo.rooms import tidied

    assert tidied("  bob\n\tthe\x00builder ") == "bob the builder"
    assert tidied("ü" * 60) == "ü" * 40
