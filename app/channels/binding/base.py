# SPDX-License-Identifier: GPL-3.0-or-later
"""What ties a Django model to messages: its signals out, permitted actions in (asgi1_checklist §12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from django.apps import apps
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save

from app.channels.channel import Group
from app.channels.message import Message

CREATE, UPDATE, DELETE = "create", "update", "delete"


class BindingMetaclass(type):
    """Knows all bindings: they are registered once the models are there."""

    classes: ClassVar[list[Any]] = []
    is_ready: ClassVar[bool] = False

    def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> BindingMetaclass:
        made = super().__new__(mcs, name, bases, body)
        if bases:
            mcs.classes.append(made)
            if mcs.is_ready:
                made.register()  # type: ignore[attr-defined]  # made is a Binding
        return made

    @classmethod
    def register_all(mcs) -> None:
        """Let every binding hear of its model, also those that are made later."""
        mcs.is_ready = True
        for made in mcs.classes:
            made.register()


class Binding(metaclass=BindingMetaclass):
    """Out: changes of `model` go to the groups of `group_names`. In: a consumer of `{action, pk, data}`.

    Subclasses say how a change is written and read. `fields` names what is shown, `["__all__"]` everything; or
    `exclude` what is not. A class with `model = None` is abstract.
    """

    model: Any = None
    stream: str | None = None
    fields: Iterable[str] | None = None
    exclude: Iterable[str] | None = None
    channel_session_user = True
    channel_session = False
    model_label = ""
    instance: Any  # the changed one, while it is told
    message: Message  # the one that asks for a change, and what is in it
    kwargs: Mapping[str, Any]
    action: str
    pk: Any
    data: Any
    user: Any

    @classmethod
    def register(cls) -> None:
        """Listen to the model's signals.

        Raises:
            ValueError: model, or fields and exclude, are missing.
        """
        if cls.model is None:
            if "model" in cls.__dict__:
                return
            raise ValueError(f"{cls.__name__} needs a model (None, if it is abstract).")
        if cls.fields is None and cls.exclude is None:
            raise ValueError(f'{cls.__name__} needs fields or exclude; fields = ["__all__"] shows everything.')
        if isinstance(cls.model, str):
            cls.model = apps.get_model(cls.model)
        cls.model_label = cls.model._meta.label_lower
        receivers = (
            (pre_save, cls._before_save),
            (post_save, cls._after_save),
            (pre_delete, cls._before_delete),
            (post_delete, cls._after_delete),
        )
        for signal, receiver in receivers:
            signal.connect(receiver, sender=cls.model, dispatch_uid=(cls, receiver.__name__))

    # --- out ---

    @classmethod
    def group_names(cls, instance: Any) -> Iterable[str]:
        """Return the groups that may see an instance as it is."""
        raise NotImplementedError

    @classmethod
    def encode(cls, stream: str, payload: Any) -> dict[str, Any]:
        """Return the message that carries a payload on a stream."""
        raise NotImplementedError

    def serialize(self, instance: Any, action: str) -> dict[str, Any]:
        """Return the payload of a change."""
        raise NotImplementedError

    def send_messages(self, instance: Any, group_names: Iterable[str], action: str, **kwargs: Any) -> None:
        """Send a change to groups."""
        names = list(group_names)
        if not names or not (payload := self.serialize(instance, action)):
            return
        assert self.stream is not None, f"{type(self).__name__} needs a stream"
        message = self.encode(self.stream, payload)
        for name in names:
            Group(name).send(message)

    @classmethod
    def _before_save(cls, instance: Any, **kwargs: Any) -> None:
        # As it is in the database: what it is being changed to decides who may see it afterwards.
        before = None if instance._state.adding else cls.model._base_manager.filter(pk=instance.pk).first()
        cls._remember(instance, set() if before is None else set(cls.group_names(before)))

    @classmethod
    def _after_save(cls, instance: Any, **kwargs: Any) -> None:
        cls._tell(instance, set(cls.group_names(instance)), **kwargs)

    @classmethod
    def _before_delete(cls, instance: Any, **kwargs: Any) -> None:
        cls._remember(instance, set(cls.group_names(instance)))

    @classmethod
    def _after_delete(cls, instance: Any, **kwargs: Any) -> None:
        cls._tell(instance, set(), **kwargs)

    @classmethod
    def _remember(cls, instance: Any, groups: set[str]) -> None:
        """Keep who could see it before."""
        instance.__dict__.setdefault("_binding_group_names", {})[cls] = groups

    @classmethod
    def _tell(cls, instance: Any, now: set[str], **kwargs: Any) -> None:
        before = instance.__dict__.get("_binding_group_names", {}).get(cls, set())
        self = cls()
        self.instance = instance
        # Who loses sight of it hears that first.
        for groups, action in ((before - now, DELETE), (before & now, UPDATE), (now - before, CREATE)):
            self.send_messages(instance, sorted(groups), action, **kwargs)
        cls._remember(instance, now)

    # --- in ---

    @classmethod
    def consumer(cls, message: Message, **kwargs: Any) -> None:
        """Act on a message; routes name this."""
        cls.get_handler()(message, **kwargs)

    @classmethod
    def get_handler(cls) -> Callable[..., Any]:
        """Return what acts on a message, with the decorators that the flags ask for."""
        from app.channels.auth import channel_session, channel_session_user

        handler = cls.trigger_inbound
        if cls.channel_session_user:
            return channel_session_user(handler)
        return channel_session(handler) if cls.channel_session else handler

    @classmethod
    def trigger_inbound(cls, message: Message, **kwargs: Any) -> None:
        """Read a message and act on it."""
        from django.contrib.auth.models import AnonymousUser

        self = cls()
        self.message, self.kwargs = message, kwargs
        self.action, self.pk, self.data = self.deserialize(message)
        self.user = getattr(message, "user", None) or AnonymousUser()
        self.run_action(self.action, self.pk, self.data)

    def deserialize(self, message: Message) -> tuple[str, Any, Any]:
        """Return action, primary key (None to create) and data (None to delete)."""
        raise NotImplementedError

    def has_permission(self, user: Any, action: str, pk: Any) -> bool:
        """Return whether the user may do it."""
        raise NotImplementedError

    def run_action(self, action: str, pk: Any, data: Any) -> None:
        """Do it, if the user may; raises ValueError for an action that is none."""
        if not self.has_permission(self.user, action, pk):
            return
        if action == CREATE:
            self.create(data)
        elif action == UPDATE:
            self.update(pk, data)
        elif action == DELETE:
            self.delete(pk)
        else:
            raise ValueError(f"{action!r} is no action: expected create, update or delete.")

    def create(self, data: Any) -> None:
        """Make an instance of the data."""
        raise NotImplementedError

    def update(self, pk: Any, data: Any) -> None:
        """Change an instance by the data."""
        raise NotImplementedError

    def delete(self, pk: Any) -> None:
        """Delete an instance, with its signals."""
        self.model.objects.filter(pk=pk).delete()
