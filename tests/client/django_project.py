"""The one Django project that a process can have; its views are a test's."""

from typing import Any

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse

urlpatterns: list[Any] = []


def handler403(_request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(f"{exception}" or "Forbidden", status=403)


def configured() -> None:
    if not settings.configured:
        settings.configure(
            ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="x", MIDDLEWARE=[]
        )
        django.setup()
