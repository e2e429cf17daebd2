# SPDX-License-Identifier: GPL-3.0-or-later
"""A middleware that notes what it sees."""

seen = []


class Watching:
    """Django's interface for middleware."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        seen.append("request")
        response = self.get_response(request)
        seen.append("response")
        return response

    def process_exception(self, request, exception):
        seen.append(exception)
