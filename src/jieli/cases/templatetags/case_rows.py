"""The rows of a list of cases, drawn without a template because lists have many."""

from collections.abc import Mapping, Sequence

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from jieli.cases.models import Case
from jieli.cases.queries.lists import CaseRow
from jieli.cases.templatetags.cases import column_label, column_value, stage_word
from jieli.customers.templatetags.customers import tier_badge
from jieli.ui.templatetags.ui import badge, baton_cell, promise_cell

register = template.Library()

_ROW = """<tr data-row id="case-{id}">
<td class="j-check">{choice}</td>
<td class="j-fit">{promise}</td>
<td class="j-fit"><span class="j-code">{number}</span></td>
<td class="j-grow"><a class="j-subject" data-open href="{href}">{subject}</a>
<span class="j-muted">{customer}</span>{marks}</td>
{columns}<td class="j-fit">{stage}</td>
<td class="j-fit">{owner}</td>
</tr>
"""
_ANY_NUMBER = "J-0000-0000-0"
_NOTHING = SafeString("")


@register.simple_tag
def case_rows(rows: Sequence[CaseRow], columns: Sequence[str] = (), has_choice: bool = True) -> SafeString:
    """Draw the rows of a list, with the columns that the reader added; `has_choice` gives each a box to choose it."""
    drawing = _Drawing(columns, has_choice)
    return format_html_join("", _ROW, (drawing.cells(row) for row in rows))


class _Drawing:
    """What the rows of one list have in common, worked out once: words, marks, the address of a case."""

    def __init__(self, columns: Sequence[str], has_choice: bool) -> None:
        self.columns = [(column, column_label(column)) for column in columns]
        self.select = _("Select %(number)s") if has_choice else ""
        self.on_duty = _("on duty: %(name)s")
        self.erased = _("(erased)")
        self.danger = format_html(" {}", badge(_("danger"), "bad", "flame"))
        self.reopened = format_html(" {}", badge(_("reopened"), "risk", "arrow-back-up"))
        self.address = reverse("cases:case", args=[_ANY_NUMBER])

    def cells(self, row: CaseRow) -> Mapping[str, object]:
        """Return what stands in one row."""
        case, number = row.case, row.case.number
        return {
            "id": case.pk,
            "choice": self._choice(case, number),
            "promise": self._promise(row),
            "number": number,
            "href": self.address.replace(_ANY_NUMBER, number),
            "subject": case.subject or self.erased,
            "customer": case.customer.name or self.erased,
            "marks": self._marks(case),
            "columns": self._columns(case),
            "stage": stage_word(case),
            "owner": self._owner(row),
        }

    def _choice(self, case: Case, number: str) -> SafeString:
        if not self.select:
            return _NOTHING
        box = '<input type="checkbox" name="ids" value="{}" data-bulk-item aria-label="{}">'
        return format_html(box, case.pk, self.select % {"number": number})

    def _promise(self, row: CaseRow) -> SafeString:
        first = row.promise
        if first is None:
            return promise_cell(None)
        return promise_cell(
            first.due_at, start_at=first.started_at, broken_at=first.breached_at, is_paused=first.paused_until is not None
        )

    def _marks(self, case: Case) -> SafeString:
        marks = _NOTHING
        if case.customer.tier != "standard":
            marks += format_html(" {}", tier_badge(case.customer))
        if case.severity == Case.Severity.DANGER:
            marks += self.danger
        return marks + self.reopened if case.reopened else marks

    def _columns(self, case: Case) -> SafeString:
        return format_html_join(
            "",
            '<td class="j-fit" data-label="{}">{}</td>\n',
            ((label, column_value(case, column)) for column, label in self.columns),
        )

    def _owner(self, row: CaseRow) -> SafeString:
        if row.case.is_on_duty and row.offer is None:
            return format_html('<span class="j-muted">{}</span>', self.on_duty % {"name": row.case.owner.name})
        return baton_cell(row.case.owner, row.offer.receiver if row.offer is not None else None)
