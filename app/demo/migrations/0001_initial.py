# SPDX-License-Identifier: GPL-3.0-or-later
"""The first form of the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table of chat messages."""

    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="ChatMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("room", models.CharField(max_length=50)),
                ("username", models.CharField(max_length=40)),
                ("text", models.TextField()),
                ("created", models.DateTimeField(auto_now_add=True)),
            ],
            options={"indexes": [models.Index(fields=["room", "-id"], name="room_newest_first")]},
        ),
    ]
