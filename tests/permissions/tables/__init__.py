"""One table per app, named as the app."""
