# SPDX-License-Identifier: GPL-3.0-or-later
"""What is behind the dots: speaker notes, the language of the lessons, and the learner's progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt5.QtWidgets import QMenu

if TYPE_CHECKING:
    from panels.lesson.panel import LessonPanel

LANGUAGES = {"en": "English", "fr": "Français"}  # others are called by their two letters


def fill_menu(menu: QMenu, panel: LessonPanel) -> None:
    """Fill the menu as things are when it is opened."""
    menu.clear()
    notes = menu.addAction(panel.say("Speaker notes"), lambda: panel.show_notes(not panel.has_notes))
    notes.setCheckable(True)
    notes.setChecked(panel.has_notes)
    menu.addSeparator()
    languages = panel.shelf.languages
    for language in languages if len(languages) > 1 else ():
        name = LANGUAGES.get(language, language)
        choice = menu.addAction(name, lambda language=language: panel.speak(language))
        choice.setCheckable(True)
        choice.setChecked(language == panel.shelf.language)
    menu.addSeparator()
    menu.addAction(panel.say("Export progress…"), panel.keeper.ask_where_to)
    menu.addAction(panel.say("Import progress…"), panel.keeper.ask_where_from)
