# SPDX-License-Identifier: GPL-3.0-or-later
"""`import channels` in a process of its own, because it is for good."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
START = (
    "from app.channels import alias; alias.install(); alias.install(); import sys; sys.path.insert(0, sys.argv[1]); "
)


def said(folder, code):
    command = [sys.executable, "-c", START + code, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_that_channels_is_ours_and_no_second_copy_of_it(tmp_path):
    code = "import channels.exceptions, app.channels.exceptions as ours; import channels, app.channels; "
    code += "print(channels is app.channels, channels.exceptions is ours, ours.__spec__.name, channels.__spec__.name)"
    assert said(tmp_path, code) == "True True app.channels.exceptions app.channels"


@pytest.mark.parametrize(
    "names",
    [
        "channels: Channel Group include route route_class DEFAULT_CHANNEL_LAYER",
        "channels.asgi: channel_layers get_channel_layer",
        "channels.channel: Channel Group",
        "channels.exceptions: ConsumeLater ResponseLater RequestTimeout RequestAborted DenyConnection "
        "ChannelSocketException WebsocketCloseException",
        "channels.message: Message",
        "channels.routing: route route_class include Router",
        "channels.sessions: channel_session http_session channel_and_http_session enforce_ordering",
        "channels.auth: channel_session_user http_session_user channel_session_user_from_http transfer_user "
        "channel_and_http_session_user_from_http",
        "channels.security.websockets: allowed_hosts_only BaseOriginValidator AllowedHostsOnlyOriginValidator",
        "channels.generic: BaseConsumer",
        "channels.generic.base: BaseConsumer",
        "channels.generic.websockets: WebsocketConsumer JsonWebsocketConsumer WebsocketDemultiplexer",
        "channels.handler: AsgiHandler AsgiRequest ViewConsumer",
        "channels.signals: consumer_started consumer_finished worker_ready worker_process_ready",
        "channels.test: ChannelTestCase TransactionChannelTestCase ChannelLiveServerTestCase "
        "Client HttpClient WSClient apply_routes",
        "channels.tests: ChannelTestCase HttpClient",
        "channels.test.http: HttpClient",
        "channels.test.websocket: WSClient",
        "channels.test.base: Client",
    ],
)
def test_that_the_names_of_channels_1_are_there(tmp_path, names):
    module, _, wanted = names.partition(": ")
    code = "from django.conf import settings; settings.configure(); "
    code += f"from {module} import {', '.join(wanted.split())}; print('there')"
    assert said(tmp_path, code) == "there"


def test_that_another_package_of_that_name_goes_first(tmp_path):
    (tmp_path / "channels").mkdir()
    (tmp_path / "channels" / "__init__.py").write_text("theirs = True")
    assert said(tmp_path, "import channels; print(channels.theirs)") == "True"
    assert "No module named 'channels.sessions'" in said(tmp_path, "import channels.sessions")


def test_that_a_folder_of_that_name_is_no_package(tmp_path):
    (tmp_path / "channels").mkdir()
    assert said(tmp_path, "from channels import Group; print(Group.__module__)") == "app.channels.channel"


def test_that_what_channels_1_does_not_have_is_not_there(tmp_path):
    assert "No module named 'channels.layers'" in said(tmp_path, "import channels.layers")
