"""The rows of the network and what the database refuses about them."""

from jieli.network.models.documents import Document
from jieli.network.models.engineers import Engineer, Skill
from jieli.network.models.licences import LicenceAppeal, LicencePosting
from jieli.network.models.outlets import Outlet, OutletArea
from jieli.network.models.providers import Provider
from jieli.network.models.reminders import Reminder

__all__ = ["Document", "Engineer", "LicenceAppeal", "LicencePosting", "Outlet", "OutletArea", "Provider", "Reminder", "Skill"]
