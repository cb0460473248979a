"""A Django project in one file: two pages, an event, and the snippet's tag in a template."""

from django import setup
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from firstparty.django import analytics

if not settings.configured:
    settings.configure(
        SECRET_KEY="of an example",  # noqa: S106
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "context_processors": ["django.template.context_processors.request"],
                    "libraries": {"firstparty": "firstparty.django"},
                },
            }
        ],
    )
    setup()


def home(request: HttpRequest) -> HttpResponse:
    page = "{% load firstparty %}<title>Home</title>{% snippet_tag %}"
    return HttpResponse(engines["django"].from_string(page).render({}, request))


def person(request: HttpRequest, number: int) -> HttpResponse:
    return HttpResponse(f"<title>Person {number}</title>")


def signup(request: HttpRequest) -> HttpResponse:
    analytics(request).event("signup", {"plan": "team"})
    return HttpResponse("<title>Thank you</title>")


urlpatterns = [path("", home), path("people/<int:number>", person), path("signup", signup)]
