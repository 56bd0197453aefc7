"""Lists: sorting, paging, filters, what is empty, sides of one thing."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.forms import BaseForm
from django.http import HttpRequest

from jieli.ui.tags.forms import dress

register = template.Library()


def _query_with(request: HttpRequest | None, **changes: str | None) -> str:
    if request is None:
        return "?"
    query = request.GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def with_query(context: Mapping[str, Any], **changes: str | None) -> str:
    """Return the page's own query string with some parameters changed; None removes one."""
    return _query_with(context.get("request"), **changes)


@register.inclusion_tag("ui/_sort_header.html", takes_context=True)
def sort_header(
    context: Mapping[str, Any], key: str, label: str, default: str = "", numeric: bool = False
) -> dict[str, object]:
    """A column header which sorts: `?sort=key`, then `?sort=-key`; `default` is the list's own order."""
    request: HttpRequest | None = context.get("request")
    current = (request.GET.get("sort") if request else "") or default
    direction = "ascending" if current == key else "descending" if current == f"-{key}" else "none"
    target = f"-{key}" if current == key else key
    return {
        "label": label,
        "direction": direction,
        "numeric": numeric,
        "href": _query_with(request, sort=target, after=None, before=None),
    }


@register.inclusion_tag("ui/_paging.html", takes_context=True)
def paging(
    context: Mapping[str, Any], next_cursor: str = "", previous_cursor: str = "", shown: int | None = None, total: str = ""
) -> dict[str, object]:
    """Links to the next and the previous page by cursor (`?after=…`, `?before=…`); no page numbers, no OFFSET."""
    request: HttpRequest | None = context.get("request")
    return {
        "next": _query_with(request, after=next_cursor, before=None) if next_cursor else "",
        "previous": _query_with(request, before=previous_cursor, after=None) if previous_cursor else "",
        "shown": shown,
        "total": total,
    }


@register.inclusion_tag("ui/_filter_form.html", takes_context=True)
def filter_form(context: Mapping[str, Any], form: BaseForm, target: str = "#rows") -> dict[str, object]:
    """A form of filters above a list: works by its button, and by itself on change where scripts run."""
    form.auto_id = "filter_%s"
    for field in form:
        dress(field, small=True)
    request: HttpRequest | None = context.get("request")
    return {
        "form": form,
        "target": target,
        "sort": request.GET.get("sort", "") if request else "",
        "is_filtered": bool(request and any(request.GET.get(name) for name in form.fields)),
        "path": request.path if request else "",
    }


@register.inclusion_tag("ui/_empty.html")
def empty(title: str, text: str = "", icon_name: str = "inbox", href: str = "", action: str = "") -> dict[str, object]:
    """Say what would be here and how it gets here, with at most one thing to do."""
    return {"title": title, "text": text, "icon_name": icon_name, "href": href, "action": action}


@register.inclusion_tag("ui/_tabs.html")
def tabs(items: Sequence[Mapping[str, object]], label: str = "") -> dict[str, object]:
    """Links to the sides of one thing; each item has label, url, is_current and perhaps count."""
    return {"items": items, "label": label}
