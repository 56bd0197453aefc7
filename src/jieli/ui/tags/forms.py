"""Fields of forms with their labels, hints and errors."""

from typing import Any

from django import template
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select

register = template.Library()


def dress(field: BoundField, *, small: bool = False) -> None:
    """Give the widget of a field the look of its kind."""
    widget = field.field.widget
    if isinstance(widget, (CheckboxSelectMultiple, RadioSelect)):
        return
    if isinstance(widget, CheckboxInput):
        css = "form-check-input"
    elif isinstance(widget, Select):
        css = "form-select form-select-sm" if small else "form-select"
    else:
        css = "form-control form-control-sm" if small else "form-control"
    own = widget.attrs.get("class", "")
    if css not in own:
        widget.attrs["class"] = f"{own} {css}".strip()


@register.inclusion_tag("ui/_field.html")
def field(bound: BoundField, hint: str = "", label: str = "") -> dict[str, object]:
    """One field with its label, hint and errors beside it, tied together for screen readers."""
    dress(bound)
    widget = bound.field.widget
    hint_text = hint or str(bound.help_text or "")
    described = [f"{bound.auto_id}-hint"] if hint_text else []
    attrs: dict[str, Any] = {}
    if bound.errors:
        described.append(f"{bound.auto_id}-error")
        attrs["aria-invalid"] = "true"
        if not isinstance(widget, (CheckboxSelectMultiple, RadioSelect)):
            attrs["class"] = f"{widget.attrs.get('class', '')} is-invalid".strip()
    if described:
        attrs["aria-describedby"] = " ".join(described)
    is_group = isinstance(widget, (CheckboxSelectMultiple, RadioSelect))
    return {
        "field": bound,
        "label": label or bound.label,
        "hint": hint_text,
        "control": bound.as_widget(attrs=attrs),
        "options": list(bound) if is_group else [],
        "is_group": is_group,
        "described": " ".join(described),
        "is_check": isinstance(widget, CheckboxInput),
        "is_file": isinstance(widget, FileInput),
        "is_optional": not bound.field.required,
    }


@register.inclusion_tag("ui/_error_summary.html")
def error_summary(form: BaseForm) -> dict[str, object]:
    """List what is wrong at the top of the form, each line a link to its field; nothing when all is well."""
    problems = [{"href": f"#{bound.auto_id}", "label": bound.label, "text": text} for bound in form for text in bound.errors]
    return {"form_errors": form.non_field_errors(), "problems": problems}


@register.inclusion_tag("ui/_form_fields.html")
def form_fields(form: BaseForm) -> dict[str, object]:
    """Render a whole form: summary of errors, hidden fields, then each field in order."""
    return {"form": form}
