"""The audit: what a site's pages would load from third parties, found before it is live."""
