"""Third parties: which hosts the site's own pages load from, and how to stop them."""
