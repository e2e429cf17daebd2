# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's Django settings. The lab says by environment where data lies, which hosts may ask, how slow it is."""

from __future__ import annotations

import os

from app.demo.place import data_folder, secret_key

DATA = data_folder(os.environ.get("CHANNELSCOPE_DATA", ""))
SECRET_KEY = os.environ.get("CHANNELSCOPE_SECRET") or secret_key(DATA)
CONSUMER_SECONDS = float(os.environ.get("CHANNELSCOPE_CONSUMER_SECONDS", "0"))  # that the chat works on each line
ORIGIN_CHECK = os.environ.get("CHANNELSCOPE_ORIGIN_CHECK", "origin")  # which pages may open a socket
DEBUG = False
ALLOWED_HOSTS = os.environ.get("CHANNELSCOPE_HOSTS", "localhost,127.0.0.1,[::1]").split(",")

INSTALLED_APPS = ["django.contrib.sessions", "django.contrib.staticfiles", "app.demo"]
if os.environ.get("CHANNELSCOPE_CODE"):  # consumers that were edited may want to know users
    INSTALLED_APPS += ["django.contrib.contenttypes", "django.contrib.auth"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "app.demo.urls"
STATIC_URL = "/static/"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "demo.sqlite3",
        "CONN_MAX_AGE": 60,  # seconds; a worker keeps its connection from message to message
        "OPTIONS": {
            "timeout": 10,  # seconds that a writer waits for another
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Cookies know no ports: names of our own keep other programs on this machine apart.
SESSION_COOKIE_NAME = "channelscope_session"
CSRF_COOKIE_NAME = "channelscope_csrf"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}},
}
