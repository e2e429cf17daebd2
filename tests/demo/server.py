# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker on the demo in this process, and the test in the place of the interface server."""

import json

from app.layer import names
from app.worker.loop import Worker


class Server:
    """What the interface server does, without sockets."""

    def __init__(self, layer, worker):
        self.layer, self.worker, self.said = layer, worker, worker.said
        self.inboxes = {}

    def work(self):
        """Let the worker handle what waits, and sort the answers by socket."""
        while self.worker.step():
            pass
        while (reply := self.layer.receive(["server.x!"])) != (None, None):
            self.inboxes.setdefault(reply[0], []).append(reply[1])

    def got(self, reply):
        """Return what came for a socket since it was asked last: texts as JSON, anything else as it is."""
        self.work()
        return [json.loads(m["text"]) if "text" in m else m for m in self.inboxes.pop(reply, [])]

    def connect(self, reply, room="lobby", cookie="", page="chat", origin="", query=b""):
        names.check_channel(reply)
        headers = [[b"host", b"localhost:8000"], [b"cookie", cookie.encode()]]
        headers += [[b"origin", origin.encode()]] if origin else []
        content = {"reply_channel": reply, "path": f"/{page}/{room}/", "headers": headers, "order": 0}
        content["query_string"] = query
        self.layer.send("websocket.connect", content)
        return self.got(reply)

    def say(self, reply, text, room="lobby", order=1, page="chat"):
        content = {"reply_channel": reply, "path": f"/{page}/{room}/", "text": text, "order": order}
        self.layer.send("websocket.receive", content)

    def request(self, path, method="GET", cookie="", body=b"", host=b"localhost:8000"):
        headers = [[b"host", host], [b"cookie", cookie.encode()]]
        if body:
            headers.append([b"content-type", b"application/x-www-form-urlencoded"])
        self.layer.send(
            "http.request",
            {"reply_channel": "server.x!http", "http_version": "1.1", "method": method, "path": path,
             "query_string": b"", "headers": headers, "body": body},
        )  # fmt: skip
        first, *_ = self.got("server.x!http")
        return first["status"], [tuple(header) for header in first["headers"]], first["content"].decode()


def served(layer, application):
    """Return the server of an application (router, hooks) with one worker; `said` has the worker's events."""
    said = []
    router, hooks = application
    worker = Worker(layer, router, said.append, "worker-1", hooks=hooks)
    worker.said = said
    return Server(layer, worker)
