# SPDX-License-Identifier: GPL-3.0-or-later
"""The pane's own few words in the languages that lessons come in; what is missing stays English."""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[[str], str]

FRENCH = {
    "Lessons": "Leçons",
    "Learn by doing it": "Apprendre en faisant",
    "All lessons": "Toutes les leçons",
    "Lesson": "Leçon",
    "of": "sur",
    "← Back": "← Retour",
    "Next →": "Suite →",
    "Finish": "Fin",
    "Search all lessons": "Chercher dans les leçons",
    "Nothing has these words.": "Rien ne contient ces mots.",
    "Start": "Commencer",
    "Again": "Refaire",
    "Go on": "Continuer",
    "From the start": "Depuis le début",
    "step": "étape",
    "steps": "étapes",
    "done": "faite",
    "First say what you expect.": "Dites d'abord ce que vous attendez.",
    "Do it yourself in the window, or here:": "Faites-le vous-même dans la fenêtre, ou ici :",
    "Again:": "Encore une fois :",
    "Setting up …": "Mise en place …",
    "Just as you said: ": "Comme vous l'aviez dit : ",
    "Not quite. ": "Pas tout à fait. ",
    "What happened: ": "Ce qui s'est passé : ",
    "Hint": "Indice",
    "Restart step": "Reprendre l'étape",
    "Try freely": "Essai libre",
    "Recording": "Enregistrement",
    "Speaker notes": "Notes de l'orateur",
    "Export progress…": "Exporter la progression…",
    "Import progress…": "Importer une progression…",
    "The lesson does the steps before this one by itself.": "La leçon refait d'elle-même les étapes précédentes.",
    "Set it up again": "Remettre en place",
    "Back to the lesson": "Revenir à la leçon",
    "Back to live": "Revenir au direct",
    "The system was reset meanwhile: this lesson's set-up is gone.": (
        "Le système a été réinitialisé entre-temps : la mise en place de cette leçon n'existe plus."
    ),
    "You are free. Everything in the window is real and nothing counts; the lesson waits for you at this step.": (
        "Vous êtes libre. Tout dans la fenêtre est réel et rien ne compte ; la leçon vous attend à cette étape."
    ),
    "A recording is being played.": "Un enregistrement est joué.",
    "The recording is over.": "L'enregistrement est terminé.",
    "Here a recording stands in for the live system.": "Ici un enregistrement remplace le système réel.",
    "What you see happened earlier; the live system waits.": (
        "Ce que vous voyez s'est passé plus tôt ; le système réel attend."
    ),
    "Watch what was recorded:": "Regardez ce qui a été enregistré :",
    "Play this step": "Jouer cette étape",
}


def words_in(language: str) -> Say:
    """Return what puts the pane's words into a language."""
    table = {"fr": FRENCH}.get(language, {})
    return lambda text: table.get(text, text)
