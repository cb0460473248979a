"""Privacy-first web analytics: aggregate counts on your own domain, and nothing else."""

from firstparty.analytics import Analytics, Stored
from firstparty.events import EventError
from firstparty.goals import Funnel, Goal
from firstparty.middleware import AnalyticsMiddleware
from firstparty.row import Dimension
from firstparty.settings import SettingError, Settings, Site
from firstparty.snippet import snippet_tag
from firstparty.stores import StoreError
from firstparty.wsgi import AnalyticsWSGIMiddleware

__all__ = [
    "Analytics",
    "AnalyticsMiddleware",
    "AnalyticsWSGIMiddleware",
    "Dimension",
    "EventError",
    "Funnel",
    "Goal",
    "SettingError",
    "Settings",
    "Site",
    "StoreError",
    "Stored",
    "snippet_tag",
]

__version__ = "0.1.0"
