"""What happened, what was said, what changed, and how it went over time."""

from collections.abc import Sequence

from django import template

from jieli.ui import display

register = template.Library()


@register.inclusion_tag("ui/_timeline.html")
def timeline(entries: Sequence[object]) -> dict[str, object]:
    """What happened, newest last; an entry has at, text and perhaps who, icon, tone, detail, url."""
    return {"entries": entries}


@register.inclusion_tag("ui/_conversation.html")
def conversation(entries: Sequence[object]) -> dict[str, object]:
    """Bubbles: an entry has side (customer, staff, note, event), at, text and perhaps who, delivery, files."""
    return {"entries": entries}


@register.inclusion_tag("ui/_diff.html")
def diff_view(old: str, new: str, old_title: str = "", new_title: str = "") -> dict[str, object]:
    """Two texts in two columns with the changed lines marked by sign and colour."""
    rows = display.diff_rows(old, new)
    has_change = any(row.kind not in ("same", "skipped") for row in rows)
    return {"rows": rows, "has_change": has_change, "old_title": old_title, "new_title": new_title}


@register.inclusion_tag("ui/_sparkline.html")
def sparkline(
    values: Sequence[float | None], label: str = "", tone: str = "accent", percent: bool = False
) -> dict[str, object]:
    """A small line drawn on the server, with its last value and n; the values are in its title."""
    points = display.sparkline_points(values, width=96.0, height=18.0)
    known = [value for value in values if value is not None]
    shown = [f"{value:.0%}" if percent else f"{value:g}" for value in known]
    return {
        "points": " ".join(f"{x + 2:g},{y + 3:g}" for x, y in points),
        "last": {"x": points[-1][0] + 2, "y": points[-1][1] + 3} if points else None,
        "last_text": shown[-1] if shown else "–",
        "values_text": ", ".join(shown),
        "count": len(known),
        "label": label,
        "tone": tone,
    }
