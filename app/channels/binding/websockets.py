# SPDX-License-Identifier: GPL-3.0-or-later
"""Bindings whose messages are frames of a multiplexed WebSocket (asgi1_checklist §12)."""

from __future__ import annotations

import json
from typing import Any

from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder

from app.channels.binding.base import Binding
from app.channels.generic.websockets import WebsocketMultiplexer
from app.channels.message import Message


class WebsocketBinding(Binding):
    """Frames are {"stream": …, "payload": {"action", "pk", "data", "model"}}; in, the payload without the model."""

    model: Any = None

    @classmethod
    def encode(cls, stream: str, payload: Any) -> dict[str, Any]:
        """Return the frame that carries a payload on a stream."""
        return WebsocketMultiplexer.encode(stream, payload)

    def serialize(self, instance: Any, action: str) -> dict[str, Any]:
        """Return the payload of a change."""
        return {
            "action": action,
            "pk": instance.pk,
            "data": self.serialize_data(instance),
            "model": self.model_label,
        }

    def serialize_data(self, instance: Any) -> dict[str, Any]:
        """Return the fields that are shown."""
        names = [field.name for field in instance._meta.get_fields() if getattr(field, "attname", None)]
        if self.fields is not None and list(self.fields) != ["__all__"]:
            names = [name for name in names if name in set(self.fields)]
        else:
            names = [name for name in names if name not in set(self.exclude or ())]
        (written,) = json.loads(serializers.serialize("json", [instance], fields=names, cls=DjangoJSONEncoder))
        fields: dict[str, Any] = written["fields"]
        return fields

    def deserialize(self, message: Message) -> tuple[str, Any, Any]:
        """Return action, primary key and data; raises KeyError or ValueError for what is none."""
        content = json.loads(message["text"])
        action = content["action"]
        return action, content.get("pk"), content.get("data")

    def create(self, data: Any) -> None:
        """Make an instance of those of the data's fields that are shown, after Django has checked them."""
        self._save(self.model(), data)

    def update(self, pk: Any, data: Any) -> None:
        """Change an instance; raises DoesNotExist when there is none."""
        self._save(self.model.objects.get(pk=pk), data)

    def _save(self, instance: Any, data: Any) -> None:
        """Set the fields through Django's deserializer, so that dates and keys of others are what they should be."""
        allowed = set(self.serialize_data(instance))
        if not isinstance(data, dict) or not set(data) <= allowed:
            raise ValueError(f"The data of a {self.model_label} may have {sorted(allowed)}.")
        written = {"model": self.model_label, "pk": instance.pk, "fields": data}
        (read,) = serializers.deserialize("python", [written])
        for name in data:
            setattr(instance, name, getattr(read.object, name))
        instance.full_clean()
        instance.save()
