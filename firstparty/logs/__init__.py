"""Access logs: what a web server has written of requests, counted as if they came now."""
