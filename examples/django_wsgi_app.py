"""Django under WSGI: `wsgi.py` of the project in `django_site.py`.

gunicorn examples.django_wsgi_app:application    # or: python -m examples.django_wsgi_app
"""

import signal
import sys

from django.core.wsgi import get_wsgi_application

from examples import django_site  # noqa: F401 - in a project, DJANGO_SETTINGS_MODULE
from firstparty import AnalyticsWSGIMiddleware

application = AnalyticsWSGIMiddleware(get_wsgi_application())

if __name__ == "__main__":
    from waitress import serve

    # Waitress does not end by itself when it is told to: what waits would be lost.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    serve(application, listen=f"127.0.0.1:{sys.argv[1] if sys.argv[1:] else 8000}")
