# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs in the background, and the sweeps that look after them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the tables of jobs and of sweeps."""

    dependencies = [("demo", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("status", models.CharField(default="new", max_length=4)),
                ("tries", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Sweep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("missing", models.PositiveIntegerField()),
            ],
        ),
    ]
