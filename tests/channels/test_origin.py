# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from app.channels import Message
from app.channels.exceptions import DenyConnection
from tests.checklist import row

pytestmark = pytest.mark.usefixtures("database")


def is_let_in(*origins, debug=False, hosts=("chat.example", ".friends.example")):
    from django.test import override_settings

    from app.channels.security.websockets import allowed_hosts_only

    ran = []
    headers = [[b"host", b"chat.example"], *([b"origin", origin] for origin in origins)]
    with override_settings(ALLOWED_HOSTS=list(hosts), DEBUG=debug):
        try:
            allowed_hosts_only(ran.append)(Message({"headers": headers}, "websocket.connect"))
        except DenyConnection:
            assert not ran
    return bool(ran)


@row("origin: allowed_hosts_only")
def test_that_only_pages_of_allowed_hosts_may_connect():
    assert is_let_in(b"https://chat.example")
    assert is_let_in(b"http://a.friends.example:8000")
    assert not is_let_in(b"https://evil.example")
    assert not is_let_in(b"https://evilchat.example")


def test_that_an_origin_that_says_nothing_is_refused():
    for origins in ((), (b"null",), (b"",), (b"https://ch\xe4t.example",), (b"http://[",)):
        assert not is_let_in(*origins)


def test_that_with_debug_and_no_host_named_this_machine_may_connect():
    for origin in (b"http://localhost:8000", b"http://127.0.0.1", b"http://[::1]:8000"):
        assert is_let_in(origin, debug=True, hosts=())
        assert not is_let_in(origin, debug=False, hosts=())
    assert not is_let_in(b"http://evil.example", debug=True, hosts=())


def test_that_others_can_say_what_is_valid():
    from app.channels.security.websockets import BaseOriginValidator

    class Secure(BaseOriginValidator):
        def validate_origin(self, message, origin):
            return origin.startswith("https:")

    @Secure
    def consumer(message):
        """Documented."""
        return "in"

    assert consumer.__doc__ == "Documented."
    assert consumer(Message({"headers": [[b"origin", b"https://any.example"]]}, "websocket.connect")) == "in"
    with pytest.raises(DenyConnection):
        consumer(Message({"headers": [[b"origin", b"http://any.example"]]}, "websocket.connect"))
