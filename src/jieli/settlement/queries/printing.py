"""The printed form of a sealed statement: its document laid out by typst, and nothing that is not in it."""

import json
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from jieli.lib.pdf import pdf
from jieli.settlement.models import Statement
from jieli.settlement.queries.sealing import LANGUAGES, decision_words

TEMPLATE = Path(__file__).resolve().parent.parent / "documents" / "statement.typ"


def printed(statement: Statement, language: str) -> bytes:
    """Return the PDF of a sealed statement in a language such as ``zh-hans`` or ``en``. About 0.1 s for a hundred lines."""
    short = "zh" if language.lower().startswith("zh") else "en"
    with translation.override(LANGUAGES[short]):
        words = _words()
    document = json.loads(bytes(statement.document))
    return pdf(TEMPLATE, {"document": document, "sha256": statement.sha256, "language": short, "words": words})


def _words() -> dict[str, Any]:
    return decision_words() | {
        "statement": pgettext("month end", "Statement"),
        "outlet": pgettext("month end", "Outlet"),
        "provider": pgettext("month end", "Provider"),
        "month": pgettext("month end", "Month"),
        "cut_off": _("Facts up to"),
        "decided": pgettext("month end", "Decided"),
        "approved": pgettext("month end", "Approved"),
        "sealed": pgettext("month end", "Sealed"),
        "dispute": _("Lines may be disputed until"),
        "policies": _("Calculated by"),
        "labour": _("Labour fees L"),
        "coefficient": _("Coefficient T"),
        "incentives": _("Incentives Q"),
        "payout": _("To pay R"),
        "debt": _("Debt carried on"),
        "grade": pgettext("month end", "Grade"),
        "score": pgettext("month end", "Score"),
        "rank": pgettext("month end", "Rank"),
        "bonus": _("Bonus"),
        "part": pgettext("month end", "Part of the score"),
        "counted": _("counted"),
        "points": pgettext("a grade", "points"),
        "full": pgettext("month end", "full"),
        "not_graded": _("not graded"),
        "kind": pgettext("month end", "Kind"),
        "what_for": _("What for"),
        "order": pgettext("month end", "Order"),
        "case": pgettext("month end", "Case"),
        "amount": pgettext("month end", "Amount"),
        "orders": pgettext("month end", "Orders"),
        "finished": pgettext("month end", "Finished"),
        "decision": pgettext("month end", "Decision"),
        "explanation": _("Explanation"),
        "fee": _("Fee"),
        "sum": pgettext("month end", "Sum"),
        "charged_to": _("Charged to"),
        "repeats": _("Repeats"),
        "hash": _("Seal (SHA-256)"),
        "check": _("Check this copy at"),
        "page": _("Page"),
        "no_orders": _("No orders in this month."),
        "none": pgettext("month end", "none"),
    }
