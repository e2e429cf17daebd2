# SPDX-License-Identifier: GPL-3.0-or-later
"""Run by the interpreter of build/peers/asgi_redis: one call a line from stdin, one result a line to stdout."""

import ast
import sys

import msgpack

# asgi_redis 1.4.3 says encoding="utf8", which msgpack 1.x calls raw=False.
_unpackb = msgpack.unpackb
msgpack.unpackb = lambda data, encoding=None, **kwargs: _unpackb(data, raw=False, **kwargs)


def main():
    from asgi_redis import RedisChannelLayer

    layer = RedisChannelLayer(**ast.literal_eval(sys.argv[1]))
    for line in sys.stdin:
        name, args = ast.literal_eval(line)
        try:
            answer = "ok", getattr(layer, name)(*args)
        except Exception as error:
            answer = "raised", type(error).__name__
        sys.stdout.write(repr(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
