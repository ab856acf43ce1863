"""A Django project in one file that watches its host and its routes: `python django_app.py runserver`."""

import sys

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

settings.configure(
    SECRET_KEY="only for this example",  # noqa: S106
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["drift_sre.integrations.django.DriftConfig"],
    # The first, so that it sees what the others take.
    MIDDLEWARE=["drift_sre.integrations.django.middleware"],
    DRIFT_SRE={"interval": 1.0, "per": "host"},
)
django.setup()

from drift_sre.integrations.django import monitor  # noqa: E402 - it needs the settings


def user(_request: HttpRequest, user: int) -> JsonResponse:
    return JsonResponse({"id": user})


def drift(_request: HttpRequest) -> JsonResponse:
    return JsonResponse({name: each.as_dict() for name, each in monitor().status().items()})


urlpatterns = [path("users/<int:user>/", user), path("drift", drift)]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
else:
    application = get_wsgi_application()
