# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from app.layer import names


@pytest.mark.parametrize("name", ["http.request", "a", "A-z_0.9", "x!", "daphne.response.a!b", "body?abc", "n" * 100])
def test_that_these_are_channel_names(name):
    assert names.check_channel(name) == name


@pytest.mark.parametrize("name", ["", "n" * 101, "a b", "a!b!c", "a?b!c", "!a", "?a", "a/b", "ü", "a!ü", "a\n", "a?"])
def test_that_these_are_not(name):
    with pytest.raises(TypeError, match=r"[Cc]hannel name"):
        names.check_channel(name)


@pytest.mark.parametrize("name", [None, 5, b"http.request", ["a"]])
def test_that_a_name_must_be_text(name):
    with pytest.raises(TypeError, match="must be a str"):
        names.check_channel(name)


@pytest.mark.parametrize("name", ["a!", "a?", "a!b", "", "a b", "g" * 101])
def test_that_a_group_has_no_type_characters(name):
    with pytest.raises(TypeError):
        names.check_group(name)
    assert names.check_group("chat-lobby") == "chat-lobby"


def test_that_a_process_specific_channel_is_kept_in_the_queue_of_its_prefix():
    assert names.queue_of("daphne.x!abc") == "daphne.x!"
    assert names.queue_of("body?abc") == "body?abc"
    assert names.queue_of("chat") == "chat"
