# SPDX-License-Identifier: GPL-3.0-or-later
"""Work in the background: what is ordered on one channel is done on another; a row for each job makes it reliable.

Without rows a job is a message, and a message is delivered at most once. With them a sweep sends again what is not
done, so that a job is begun at least once, and `run` has to bear that it comes twice.
"""

from __future__ import annotations

import time

from django.conf import settings

from app.channels import Channel, Group, Message
from app.demo.models import Job, Sweep
from app.demo.speech import text

ORDER, RUN, SWEEP = "jobs.order", "jobs.run", "jobs.sweep"
TOLD = "chat-lobby"  # the group that hears of every job that is done


def order(message: Message) -> None:
    """Hand on each of the `names` as a job of its own; where the order is to be `kept`, save a row for each first."""
    for name in message["names"]:
        content = {"job": Job.objects.create(name=name).pk} if message["kept"] else {"name": name}
        Channel(RUN).send(content)


def run(message: Message) -> None:
    """Do one job: the one of a row, or one that is nothing but its name."""
    if "job" in message.content:
        _run_kept(Job.objects.get(pk=message["job"]))
    else:
        _do(message["name"])


def sweep(message: Message) -> None:
    """Send again whatever is not done: lost, expired, refused, or still waiting; this consumer cannot tell which."""
    missing = Job.objects.filter(status=Job.NEW).values_list("pk", flat=True)
    for job in missing:
        Channel(RUN).send({"job": job})
    Sweep.objects.create(missing=len(missing))


def _run_kept(job: Job) -> None:
    if job.status == Job.DONE:  # it came twice: the row says so
        return
    job.tries += 1
    job.save()
    _do(job.name)  # who is killed here leaves a row that is not done
    job.status = Job.DONE
    job.save()


def _do(name: str) -> None:
    time.sleep(settings.CONSUMER_SECONDS)  # stands for work that takes long
    Group(TOLD).send(text(type="chat", username="jobs", message=f"{name} is done"))
