# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of a frame: its journey, broken rules, bits, bytes, payload, and where its message is now."""

from __future__ import annotations

import html

from PyQt5.QtWidgets import QWidget

from app.journey import journey_of
from app.store import Store
from app.way import message_of
from app.wire.fields import Field
from app.wire.frames import Frame
from app.wire.rules import Violation
from panels.explain import close_name, explain
from panels.fields import COLORS, NAMES
from panels.frame_bits import FrameBits
from panels.hex_view import SHOWN, HexView
from panels.inspector.layer import OnLayer
from panels.inspector.packet import PacketSection
from panels.inspector.parts import Card, clear, column, label, linked, rich
from panels.inspector.stages import StagesSection
from panels.inspector.view import View, way_of
from panels.journey import JourneyStrip
from panels.numbers import thousands
from panels.payload import CodeBlock, payload_html
from panels.stage.held import held_from
from panels.streams import frame_at, message_at
from panels.theme import Theme


class FrameView(View):
    """A frame in full; one selection goes through its bits, its bytes and their explanation."""

    kind = "frame"

    def __init__(self, store: Store, theme: Theme) -> None:
        super().__init__(store, theme)
        self.frame: Frame | None = None
        self._fields: tuple[Field, ...] = ()
        self._row, self._connection = -1, ""
        self._looked_for: tuple[int, tuple[int, ...]] = (-2, ())  # the message shown, or not to be found
        self.journey = JourneyStrip(theme)
        self.violations = QWidget()
        column(self.violations)
        self.body.addWidget(self.journey)
        self.body.addWidget(self.violations)
        self._add_bits()
        self._add_payload()
        self.layer_title = self.add_section("In Redis now")
        self.layer = OnLayer(theme)
        self.body.addWidget(self.layer)
        self.stages = StagesSection(theme)
        self.body.addWidget(self.stages)
        self.packet = PacketSection(theme)
        self.body.addWidget(self.packet)
        self.journey.picked.connect(self.picked)
        self.layer.picked.connect(self.picked)
        self.stages.picked.connect(self.picked)
        self.bits.chosen.connect(self._pick_bit)
        self.hex.chosen.connect(self._pick_byte)

    def _add_bits(self) -> None:
        self.add_section("Bits")
        self.bits = FrameBits(self.theme)
        self.body.addWidget(self.bits)
        self.card = Card(self.theme)
        self.sentence, self.reference = rich(), label("", "small")
        self.card.body.addWidget(self.sentence)
        self.card.body.addWidget(self.reference)
        self.body.addWidget(self.card)
        self.add_section("Bytes")
        self.hex = HexView(self.theme)
        self.body.addWidget(self.hex)
        self.more = linked("", "small")
        self.more.linkActivated.connect(self._show_more)
        self.body.addWidget(self.more)

    def _add_payload(self) -> None:
        self.payload_title = self.add_section("Payload")
        self.payload = CodeBlock(self.theme, "Payload")
        self.body.addWidget(self.payload)
        self.message_title = self.add_section("Message")
        self.message = CodeBlock(self.theme, "Message put together")
        self.body.addWidget(self.message)

    # --- what is shown ---

    def show_item(self, item: str, now: float) -> None:
        """Show the frame of a row."""
        self.item = item
        self._row = int(item) if item.isdecimal() else -1
        index, self._connection = self.store.index, ""
        self.frame = frame_at(index, self._row)
        if row := index.find(self._row):
            self._connection = row.connection
        self._fields = self.frame.fields() if self.frame else ()
        for place in range(1, self.body.count()):  # all below the head; what has nothing to show hides again
            self.body.itemAt(place).widget().setVisible(self.frame is not None)
        self.bits.show_frame(self.frame)
        self.hex.show_frame(self.frame)
        if self.frame:
            self._show_violations()
            self._show_payload(self.frame)
            self._choose_bit(0)
        self.packet.show_row(self.reader, self._row if self.frame else -1)
        self._looked_for = (-2, ())
        self.refresh(now)

    def refresh(self, now: float) -> None:
        """Show how far the frame's message has come."""
        if self.frame is None:
            self.head.setText(f"Frame · {self._missing}")
            return
        self._show_message()
        size = thousands(self.frame.size)
        way = way_of(self.state, self._connection, self.frame.direction)
        gone = "" if self._row in self.store.index else " · it has fallen out of the table since"
        self.head.setText(f"Frame · {way} · {size} bytes{gone}")
        self.journey.show_hops(journey_of(self.state, self._row, self.store.index.time_of), now, ("frame", self.item))
        self._show_layer(now)
        self.stages.show_message(self.store, message_of(self.state, ("frame", self.item)), now)

    @property
    def _missing(self) -> str:
        """Why the frame cannot be shown."""
        index = self.store.index
        if self._row in index or index.limit is None:
            return "its bytes are no longer kept"
        if self._row >= index.start:
            return "it is not among those that were read"
        return f"no longer kept: only the newest {thousands(index.limit)} frames are"

    def tick(self, now: float) -> None:
        """Count on what waits."""
        self.journey.tick(now)
        self.layer.tick(now)
        self.stages.tick(now)

    def restyle(self) -> None:
        """Show everything again in the theme of now."""
        for widget in (self.bits, self.hex, self.journey):
            widget.updateGeometry()
        field, byte = self.bits.field, self.hex.byte
        self.show_item(self.item, self.journey.now)
        if field is not None and field in self._fields:
            self.bits.show_bit(field.bit_offset)
            self._choose(field.bit_offset, byte)

    def _show_violations(self) -> None:
        layout = self.violations.layout()
        clear(layout)
        broken = self.frame.violations if self.frame else ()
        self.violations.setVisible(bool(broken))
        for violation in broken:
            layout.addWidget(violation_card(self.theme, violation))

    def _show_payload(self, frame: Frame) -> None:
        is_text = frame.opcode in (0, 1, 8) and not frame.rsv1
        data = frame.payload_data[2:] if frame.opcode == 8 else frame.payload_data
        kind, content = payload_html(data, self.theme, is_text)
        title = "Unmasked payload" if frame.masked else "Payload"
        if frame.opcode == 8 and frame.close_code is not None:
            title, kind = "Close code and reason", "empty"
            named = html.escape(f"{frame.close_code} {close_name(frame.close_code)}".strip())
            content = f"{named}\n{content}" if data else f"{named}, no reason given"
        if frame.rsv1:
            kind = "compressed"
        self.payload_title.setText(title if kind == "empty" else f"{title} · {kind}")
        self.payload.show_html(content)
        self._tell_more(frame)

    def _tell_more(self, frame: Frame) -> None:
        rest = frame.size - self.hex.count
        self.more.setVisible(rest > 0)
        link = f' · <a href="more">show {"them" if frame.size <= SHOWN else "the first 4 KiB"}</a>'
        text = f"… {thousands(rest)} bytes more"
        self.more.setText(text + (link if self.hex.count < min(len(frame.raw), SHOWN) else ""))

    def _show_more(self) -> None:
        if self.frame:
            self.hex.show_more()
            self._tell_more(self.frame)

    def _show_message(self) -> None:
        """Show the message put together, where a frame alone does not show it: fragments, compression."""
        origin = self.state.message_of_row.get(self._row)
        rows = self.state.rows_of_message.get(origin, ()) if origin else ()
        if (self._row, rows) == self._looked_for:
            return
        self._looked_for = (self._row, rows)
        needs = self.frame is not None and origin is not None and (len(rows) > 1 or self.frame.rsv1)
        message = message_at(self.store.index, rows[-1], origin) if needs and origin and rows else None
        self.message_title.setVisible(message is not None)
        self.message.setVisible(message is not None)
        if message is None:
            return
        frames = f"{message.frames} frames" if message.frames > 1 else "inflated"
        self.message_title.setText(f"The whole message · {frames} · {thousands(len(message.data))} bytes")
        _, content = payload_html(message.data, self.theme, message.opcode == 1)
        self.message.show_html(html.escape(message.problem) or content)

    def _show_layer(self, now: float) -> None:
        origin = self.state.message_of_row.get(self._row)
        key = self.state.origins.get(origin, "") if origin else ""
        message = self.state.messages.get(key)
        held = held_from(self.state, origin) if origin and message is None else None
        self.layer_title.setVisible(bool(message or held))
        self.layer.setVisible(bool(message or held))
        if held:
            self.layer_title.setText("On its way to the channel layer")
            self.layer.show_gate(held)
        if message:
            self.layer_title.setText("In Redis now" if message.fate.is_open else "On the channel layer")
            self.layer.show_message(self.state, message, now)

    # --- one selection for bits, bytes and words ---

    def show_part(self, name: str) -> None:
        """Choose the field of this name, if the frame has one; tells nobody."""
        field = next((field for field in self._fields if field.name == name), None)
        if field is not None and field != self.bits.field:
            self.bits.show_bit(field.bit_offset)
            self._choose_bit(field.bit_offset)

    def highlight(self, items: frozenset[str]) -> QWidget | None:
        """Point at fields by their names."""
        self.bits.highlights = items
        self.bits.update()
        return self.bits if items & NAMES.keys() else None

    def _pick_bit(self, bit: int) -> None:
        self._choose_bit(bit)
        self._tell_field()

    def _pick_byte(self, byte: int) -> None:
        self._choose_byte(byte)
        self._tell_field()

    def _tell_field(self) -> None:
        if self.bits.field is not None:
            self.chosen.emit(self.bits.field.name)

    def _choose_bit(self, bit: int) -> None:
        self._choose(bit, bit // 8)

    def _choose_byte(self, byte: int) -> None:
        # A byte of the header may hold several fields: the one it begins with is chosen, unless one of it already is.
        chosen = self.bits.field
        inside = chosen is not None and chosen.bit_offset // 8 <= byte <= _last_bit(chosen) // 8
        self._choose(chosen.bit_offset if chosen and inside else byte * 8, byte)
        self.bits.show_bit(chosen.bit_offset if chosen and inside else byte * 8)

    def _choose(self, bit: int, byte: int) -> None:
        field = next((field for field in self._fields if field.bit_offset <= bit <= _last_bit(field)), None)
        if field is None or self.frame is None:
            return
        self.hex.show_bytes(range(field.bit_offset // 8, _last_bit(field) // 8 + 1), byte)
        said = explain(field, self.frame)
        self.sentence.setText(
            f"<b>{html.escape(said.title)}</b> — {html.escape(said.sentence)}{self._xor(field, byte)}"
        )
        self.reference.setText(said.reference)
        self.card.color = COLORS[field.name]
        self.card.update()

    def _xor(self, field: Field, byte: int) -> str:
        """Return how the byte chosen is unmasked, for a masked payload."""
        frame = self.frame
        if frame is None or not frame.masked or field.name != "payload_data":
            return ""
        i = byte - frame.header_size
        if not 0 <= i < len(frame.payload):
            return ""
        masked, key = frame.payload[i], frame.masking_key[i % 4]
        plain = masked ^ key
        shown = f" “{html.escape(chr(plain))}”" if 0x20 <= plain < 0x7F else ""
        return f"<br>Byte {i}: {masked:02x} ⊕ {key:02x} = <b>{plain:02x}</b>{shown}"


def _last_bit(field: Field) -> int:
    return field.bit_offset + field.bit_length - 1


def violation_card(theme: Theme, violation: Violation) -> Card:
    """Return a card that names a broken rule, says what it asks for and why."""
    card = Card(theme, "bad", "bad_soft")
    must = f" The other side must close with {violation.close_code}." if violation.close_code else ""
    card.body.addWidget(rich(f"<b>{violation.rule} · {html.escape(violation.title)}</b>"))
    card.body.addWidget(label(f"It breaks RFC 6455 §{violation.section}.{must}"))
    card.body.addWidget(label(f"Why: {violation.why}", "muted"))
    return card
