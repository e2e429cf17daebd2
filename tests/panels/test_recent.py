# SPDX-License-Identifier: GPL-3.0-or-later
"""The captures opened last."""

from PyQt5.QtCore import QSettings

from panels.recent import LONGEST, MOST, Recent


def settings(folder):
    return QSettings(str(folder / "settings.ini"), QSettings.IniFormat)


def shown(qtbot, folder):
    recent = Recent()
    qtbot.addWidget(recent)
    recent.use(settings(folder))
    return recent


def names(recent):
    return [action.text().split("\t")[0] for action in recent.choices.actions()]


def make(folder, name):
    (folder / name).write_bytes(b"x")
    return folder / name


def test_that_captures_are_offered_in_the_next_run_the_last_first(qtbot, tmp_path):
    recent = shown(qtbot, tmp_path)
    assert not recent.isVisibleTo(None)
    for name in ("one.pcap", "two.pcap", "one.pcap"):
        recent.remember(make(tmp_path, name))
    again = shown(qtbot, tmp_path)
    assert names(again) == ["one.pcap", "two.pcap"]
    with qtbot.waitSignal(again.chosen, check_params_cb=lambda path: path == str(tmp_path / "two.pcap")):
        again.choices.actions()[1].trigger()


def test_that_captures_that_are_gone_are_not_offered_and_the_menu_stays_short(qtbot, tmp_path):
    recent = shown(qtbot, tmp_path)
    for number in range(MOST + 3):
        recent.remember(make(tmp_path, f"{number}.pcap"))
    assert len(names(recent)) == MOST
    (tmp_path / f"{MOST + 2}.pcap").unlink()
    assert names(shown(qtbot, tmp_path))[0] == f"{MOST + 1}.pcap"


def test_that_nothing_is_remembered_unless_the_window_remembers(qtbot, tmp_path):
    recent = Recent()
    qtbot.addWidget(recent)
    recent.remember(make(tmp_path, "one.pcap"))
    assert recent.paths() == []


def test_that_captures_of_one_name_are_told_apart_by_their_folders(qtbot, tmp_path):
    recent = shown(qtbot, tmp_path)
    for folder in ("monday", "tuesday"):
        (tmp_path / folder).mkdir()
        recent.remember(make(tmp_path / folder, "one.pcap"))
    texts = [action.text() for action in recent.choices.actions()]
    assert [text.split("/")[-1] for text in texts] == ["tuesday", "monday"]
    assert all(text.startswith("one.pcap\t") and len(text) <= len("one.pcap\t") + LONGEST for text in texts)
