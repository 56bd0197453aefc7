"""The desk's navigation: every page that stands in a menu, for which roles, resolved for one person.

Pages whose URL name does not exist (yet) are left out, so that an app can be taken away without touching this list.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise as LazyText
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

Text = str | LazyText


@dataclass(frozen=True)
class NavItem:
    """One entry: no `roles` means everyone; `key` is pressed after g; `count_url_name` answers a number as text."""

    label: Text
    url_name: str
    icon: str
    roles: frozenset[str] = frozenset()
    count_url_name: str | None = None
    key: str = ""
    group: Text = ""
    query: str = ""
    tone: str = ""


@dataclass(frozen=True)
class NavLink:
    """A navigation entry resolved for one request."""

    label: Text
    url: str
    icon: str
    key: str
    group: Text
    count_url: str
    tone: str
    is_current: bool = False


CASE_WORKERS = frozenset({"administrator", "manager", "supervisor", "agent", "dispatcher", "specialist", "quality"})
CALLERS = frozenset({"administrator", "manager", "supervisor", "agent", "quality"})
LEADERS = frozenset({"administrator", "manager", "supervisor"})
INFORMED = LEADERS | {"quality", "specialist"}
DISPATCHERS = LEADERS | {"dispatcher", "agent"}
OFFERED = LEADERS | {"dispatcher", "outlet_manager", "engineer"}
SETTLERS = LEADERS | {"finance", "outlet_manager"}
FIGURE_READERS = frozenset({"administrator", "manager", "supervisor", "quality", "finance", "outlet_manager"})
PART_HANDLERS = CASE_WORKERS | {"outlet_manager", "engineer"}
NETWORK_READERS = LEADERS | {"dispatcher", "quality", "finance", "outlet_manager"}
WORK, PEOPLE, FIGURES, RULES = _("Work"), _("Customers and people"), _("Figures"), _("Rules")

ITEMS: list[NavItem] = [
    NavItem(_("Field service"), "visits:field", "device-mobile", frozenset({"engineer"}), None, "", WORK),
    NavItem(_("My cases"), "cases:mine", "inbox", CASE_WORKERS, "cases:mine_count", "m", WORK),
    NavItem(_("At risk"), "cases:at_risk", "alert-triangle", CASE_WORKERS, "cases:at_risk_count", "r", WORK, tone="risk"),
    NavItem(_("Unit queue"), "cases:queue", "stack-2", CASE_WORKERS, "cases:queue_count", "q", WORK),
    NavItem(_("Passed to me"), "cases:passed", "hand-grab", CASE_WORKERS, "cases:passed_count", "p", WORK),
    NavItem(_("Waiting"), "cases:waiting", "player-pause", CASE_WORKERS, "cases:waiting_count", "w", WORK),
    NavItem(_("Complaints"), "cases:complaints", "message-exclamation", CASE_WORKERS, "cases:complaints_count", "", WORK),
    NavItem(_("Dispatch backlog"), "dispatch:backlog", "truck", DISPATCHERS, "dispatch:backlog_count", "", WORK),
    NavItem(_("Offered work orders"), "dispatch:offers", "hand-stop", OFFERED, "dispatch:offers_count", "", WORK),
    NavItem(_("Call-backs"), "quality:mine", "phone", CALLERS, "quality:mine_count", "b", WORK),
    NavItem(
        _("Entries of phones"), "visits:conflicts", "device-mobile", LEADERS, "visits:conflicts_count", "", WORK, tone="risk"
    ),
    NavItem(_("Information returned"), "visits:information", "bulb", INFORMED, "visits:information_count", "", WORK),
    NavItem(_("Parts"), "parts:list", "package", PART_HANDLERS, None, "", WORK),
    NavItem(_("My licence"), "network:me", "certificate", frozenset({"engineer"}), None, "", WORK),
    NavItem(_("Customers"), "customers:list", "address-book", CASE_WORKERS, None, "c", PEOPLE),
    NavItem(_("Service network"), "network:outlets", "building", NETWORK_READERS, None, "", PEOPLE),
    NavItem(_("Staff"), "people:staff", "users", CASE_WORKERS, None, "s", PEOPLE),
    NavItem(_("Units"), "people:units", "sitemap", CASE_WORKERS, None, "u", PEOPLE),
    NavItem(_("Duty rota"), "people:rota", "calendar-user", CASE_WORKERS, None, "d", PEOPLE),
    NavItem(_("Month end"), "settlement:home", "receipt", SETTLERS, None, "", FIGURES),
    NavItem(_("Disputes"), "settlement:disputes", "scale", SETTLERS, None, "", FIGURES),
    NavItem(_("My pay"), "settlement:my_pay", "id", frozenset({"engineer"}), None, "", FIGURES),
    NavItem(_("Indicators"), "insight:indicators", "chart-bar", FIGURE_READERS, None, "", FIGURES),
    NavItem(_("Calendars"), "people:calendars", "calendar", LEADERS, None, "", RULES),
    NavItem(_("Policies"), "policies:list", "scale", LEADERS, None, "o", RULES),
    NavItem(_("Imports"), "intake:import", "database", frozenset({"administrator"}), None, "", RULES),
    NavItem(_("API tokens"), "people:tokens", "key", frozenset({"administrator"}), None, "", RULES),
]
NEW: list[NavItem] = [
    NavItem(_("New case by phone"), "cases:phone", "phone", CASE_WORKERS, key="n"),
    NavItem(_("New case"), "cases:new", "plus", CASE_WORKERS, key="n"),
]
PERSON: list[NavItem] = [
    NavItem(_("My page"), "people:me", "user"),
    NavItem(_("My absences and deputies"), "people:absences", "beach"),
    NavItem(_("Change password"), "people:password", "key"),
]
CLOCK = NavItem(_("Demo clock"), "cases:clock", "clock", frozenset({"administrator"}))  # in demo mode alone
BELL = NavItem(_("Notices"), "notify:notices", "bell", count_url_name="notify:unread_count", key="i")
SEARCH = "cases:search"
SUGGEST = "cases:suggest"
LOGOUT = "people:logout"


def roles_of(request: HttpRequest) -> frozenset[str]:
    """Return the codes of all roles which the person of this request holds somewhere."""
    actor = getattr(request, "actor", None)
    return frozenset(grant.role for grant in actor.grants) if actor else frozenset()


def links(items: Iterable[NavItem], *, roles: frozenset[str], path: str = "") -> list[NavLink]:
    """Resolve the entries which these roles may see; the current one has the longest address that begins the path."""
    found = [link for item in items if not item.roles or item.roles & roles if (link := _link(item)) is not None]
    here = max((link for link in found if path.startswith(_place(link))), key=lambda link: len(_place(link)), default=None)
    return [replace(link, is_current=link is here) for link in found]


def _place(link: NavLink) -> str:
    return link.url.partition("?")[0]


def _url(name: str | None) -> str:
    if not name:
        return ""
    try:
        return _address(name)
    except NoReverseMatch:
        return ""


@cache
def _address(name: str) -> str:
    return reverse(name)


def _link(item: NavItem) -> NavLink | None:
    url = _url(item.url_name)
    if not url:
        return None
    return NavLink(
        label=item.label,
        url=f"{url}?{item.query}" if item.query else url,
        icon=item.icon,
        key=item.key,
        group=item.group,
        count_url=_url(item.count_url_name),
        tone=item.tone,
    )


def navigation(request: HttpRequest) -> dict[str, object]:
    """Context processor: the menus of the desk as `nav`, worked out only when a template asks; `key` is one for equal menus."""

    def resolve() -> dict[str, object]:
        roles, path = roles_of(request), request.path
        main, new = links(ITEMS, roles=roles, path=path), links(NEW, roles=roles)
        person, bell = links([*PERSON, CLOCK] if settings.DEMO else PERSON, roles=roles), links([BELL], roles=roles)
        return {
            "key": tuple((link.url, link.is_current) for link in (*main, *new, *person, *bell)),
            "main": main,
            "new": new,
            "person": person,
            "bell": bell[0] if bell else None,
            "search_url": _url(SEARCH),
            "suggest_url": _url(SUGGEST),
            "logout_url": _url(LOGOUT),
            "language_url": _url("ui:language"),
            "theme_url": _url("ui:theme"),
        }

    return {"nav": SimpleLazyObject(resolve)}
