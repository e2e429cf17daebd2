# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of the tests' Django project."""

import hashlib

from django.contrib import admin
from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def digest(request):
    """Say the length and SHA-256 of the body, or of the file in a form."""
    data = request.FILES["file"].read() if request.FILES else request.body
    return JsonResponse({"length": len(data), "sha256": hashlib.sha256(data).hexdigest()})


def large(request):
    """Send as many MiB as asked for."""
    return HttpResponse(b"0123456789abcdef" * 65536 * int(request.GET["mib"]))


def count(request):
    """Count visits in the session."""
    request.session["visits"] = request.session.get("visits", 0) + 1
    return HttpResponse(str(request.session["visits"]))


urlpatterns = [
    path("admin/", admin.site.urls),
    path("digest", digest),
    path("large", large),
    path("count", count),
]
