"""Privacy-first web analytics: aggregate counts on your own domain, and nothing else."""

__version__ = "0.1.0"
