"""The template tags of `{% load ui %}` by what they show; `templatetags/ui.py` puts them together."""
