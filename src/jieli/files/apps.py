"""Django's registration of the app."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Register `jieli.files` under the label `files`."""

    name = "jieli.files"
    label = "files"
