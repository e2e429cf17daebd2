# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lesson may name: panels, verbs, events."""

from __future__ import annotations

from app import events

PANELS = (
    "stage", "wire", "ladder", "devtools", "redis", "workers", "metrics", "journal", "routing", "code", "inspector",
    "timeline", "lesson", "transport",
)  # fmt: skip
VERBS = {  # what a lesson may do, with the arguments it must and may give
    "send_text": (("client", "text"), ("count",)),
    "fetch_page": ((), ("path", "count")),
    "add_client": (("name",), ("room", "page", "says")),
    "remove_client": (("client",), ()),
    "start_bots": ((), ("count", "page", "pace", "room", "seed", "seconds")),
    "stop_bots": ((), ()),
    "signal_worker": (("worker", "signal"), ()),
    "restart_worker": (("worker",), ()),
    "restart_workers": ((), ()),
    "set_receive": (("receive",), ()),
    "assign_channels": (("worker",), ("only", "exclude")),
    "kill_all_workers": ((), ()),
    "start_workers": ((), ()),
    "spawn_worker": ((), ()),
    "set_expiry": (("seconds",), ()),
    "set_faults": ((), ("drop", "delay", "seed")),
    "restart_redis": ((), ()),
    "freeze": ((), ()),
    "thaw": ((), ()),
    "step": ((), ("gate", "channel", "holder", "number")),
    "set_speed": (("speed",), ()),
    "inspect": (("kind",), ("item", "direction", "opcode", "field")),
    "open_capture": (("name",), ()),
    "run_command": (("command",), ("confirmed",)),
    "compute_accept": ((), ("key",)),
    "try_handshake": (("mutation",), ()),
    "explain_route": (("channel",), ("content", "key")),
    "check_consumers": (("source",), ("module", "others")),
    "use_consumers": (("source",), ("module", "others")),
    "edit_consumers": (("find", "replace"), ("module",)),
    "use_version": (("version",), ()),
    "send_fragments": (("client", "text"), ("count",)),
    "ping_sockets": ((), ()),
    "serve_attack_page": ((), ()),
    "visit_attack_page": (("client",), ("host",)),
    "check_origins": (("check",), ()),
    "send_outside": (("channel", "content"), ()),
    "send_unmasked": (("client", "text"), ()),
}
KINDS = {kind.__name__: kind for kind in events.kinds()}
