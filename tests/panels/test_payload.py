# SPDX-License-Identifier: GPL-3.0-or-later
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panels.payload import lay_out, payload_html, pretty_json
from panels.theme import Theme

VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(), VALUES) | st.lists(VALUES))
def test_that_laid_out_json_means_the_same(value):
    assert json.loads(pretty_json(json.dumps(value))) == value


def test_that_every_value_is_spelt_as_it_was():
    assert pretty_json('{"a":1.0e5,"a":"\\u00e9"}') == '{"a": 1.0e5, "a": "\\u00e9"}'


def test_that_a_long_object_is_spread_over_lines_and_its_short_parts_are_not():
    text = '{"type": "line", "colour": "#ff0000", "points": [[1, 2], [3, 4]]}'
    assert pretty_json(text).splitlines() == [
        "{",
        '  "type": "line",',
        '  "colour": "#ff0000",',
        '  "points": [[1, 2], [3, 4]]',
        "}",
    ]


@pytest.mark.parametrize("text", ["hello", '"a"', "12", "{not json}", "[1,", "[" * 100_000])
def test_that_other_text_is_no_json_to_lay_out(text):
    assert pretty_json(text) is None


def test_that_bytes_in_a_message_survive_the_layout():
    assert lay_out("""{"bytes": b'a,{"b', "text": null}""") == """{"bytes": b'a,{"b', "text": null}"""


@pytest.mark.parametrize(
    ("data", "is_text", "kind"),
    [(b"", True, "empty"), (b'{"a": 1}', True, "JSON"), (b"hi", True, "text"), (b"\x00\xff", False, "binary")],
)
def test_that_a_payload_is_called_what_it_is(qapp, data, is_text, kind):
    assert payload_html(data, Theme(), is_text)[0] == kind


def test_that_markup_from_the_wire_is_shown_and_not_obeyed(qapp):
    for data in (b"<b>x</b>", b'{"a": "<b>x</b>"}'):
        assert "&lt;b&gt;" in payload_html(data, Theme(), True)[1]


def test_that_a_long_payload_is_cut_and_says_so(qapp):
    assert "1,808 bytes more" in payload_html(b"x" * 10_000, Theme(), True)[1]
