"""Privacy-first web analytics: aggregate counts on your own domain, and nothing else."""

from firstparty.goals import Funnel, Goal
from firstparty.middleware import AnalyticsMiddleware
from firstparty.row import Dimension
from firstparty.settings import SettingError, Settings, Site
from firstparty.snippet import snippet_tag

__all__ = [
    "AnalyticsMiddleware",
    "Dimension",
    "Funnel",
    "Goal",
    "SettingError",
    "Settings",
    "Site",
    "snippet_tag",
]

__version__ = "0.1.0"
