"""Django under WSGI: `wsgi.py` of the project in `django_site.py`.

gunicorn examples.django_wsgi_app:application
"""

from django.core.wsgi import get_wsgi_application

from examples import django_site  # noqa: F401 - in a project, DJANGO_SETTINGS_MODULE
from firstparty import AnalyticsWSGIMiddleware

application = AnalyticsWSGIMiddleware(get_wsgi_application())
