# SPDX-License-Identifier: GPL-3.0-or-later
"""Views that show what Django made of a request."""

from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt

from app.channels import Channel, Group


@csrf_exempt
def show(request, rest):
    response = JsonResponse(
        {
            "method": request.method,
            "path": request.path,
            "query": request.GET.dict(),
            "post": request.POST.dict(),
            "files": {name: file.read().decode() for name, file in request.FILES.items()},
            "cookies": request.COOKIES,
            "host": request.get_host(),
            "address": request.META.get("REMOTE_ADDR"),
        }
    )
    response.set_cookie("one", "1")
    response.set_cookie("two", "2")
    return response


def big(request):
    return HttpResponse(b"x" * (1024 * 1024 + 5))


def streamed(request):
    return StreamingHttpResponse(iter([b"a", b"", b"b"]))


def broken(request):
    raise RuntimeError("a view is broken")


def sends(request):
    Channel("chat").send({"n": 1})
    return HttpResponse("sent")


def later(request):
    Group("polls").add(request.reply_channel)
    raise request.ResponseLater


urlpatterns = [
    re_path("^big$", big),
    re_path("^streamed$", streamed),
    re_path("^broken$", broken),
    re_path("^sends$", sends),
    re_path("^later$", later),
    re_path("^(.*)$", show),
]
