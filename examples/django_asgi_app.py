"""Django under ASGI: `asgi.py` of the project in `django_site.py`.

uvicorn examples.django_asgi_app:application
"""

from django.core.asgi import get_asgi_application

from examples import django_site  # noqa: F401 - in a project, DJANGO_SETTINGS_MODULE
from firstparty import AnalyticsMiddleware

application = AnalyticsMiddleware(get_asgi_application())
