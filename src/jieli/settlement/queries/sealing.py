"""What stands on a statement when it is sealed: everything, in both languages, without a float."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from jieli.network.models import Outlet
from jieli.people.models import Unit
from jieli.policies import queries as policies
from jieli.policies.schemas import Grade
from jieli.settlement.models import Approval, Charge, Line, Result, Run
from jieli.settlement.queries.documents import money
from jieli.settlement.queries.pages import Source
from jieli.settlement.queries.statement import Statement, StatementCharge, StatementLine, decided_lines, statement
from jieli.settlement.rules.grading import PARTS
from jieli.settlement.rules.wording import GRADE_WORDS, PART_WORDS

LANGUAGES = {"zh": "zh-hans", "en": "en"}
"""The languages of a sealed statement, by the names under which its words stand."""

FORM = 1
"""The form of the document; another one gets another number, and old ones stay readable."""

_ALL = 10**9


@dataclass(frozen=True, slots=True)
class Sealing:
    """What the statements of one run share: who approved, until when lines may be disputed, where a hash is checked."""

    run: Run
    approvals: list[Approval]
    sealed_at: datetime
    dispute_until: datetime
    check_url: str


def unsealed(run: Run, limit: int) -> list[Result]:
    """Return results of a run whose statements are not sealed yet, by outlet."""
    rows = Result.objects.filter(run=run).exclude(outlet__in=run.statements.values("outlet"))
    return list(rows.select_related("outlet__parent", "run").order_by("outlet_id")[:limit])


def sealed_document(result: Result, sealing: Sealing) -> dict[str, Any]:
    """Return the statement of an outlet with every line explained in both languages. About a dozen queries."""
    run, source = sealing.run, Source(sealing.run)
    lines = decided_lines(run, result.outlet_id)
    read: dict[str, Statement] = {}
    words: dict[str, dict[str, Any]] = {}
    for name, language in LANGUAGES.items():
        with translation.override(language):
            read[name] = statement(source, result, limit=_ALL, lines=lines)
            words[name] = _labels(result)
    one = read["zh"]
    known = Outlet.objects.filter(pk=result.outlet_id).select_related("provider").first()
    provider = known.provider if known else None
    root = Unit.objects.filter(parent__isnull=True).order_by("pk").first()
    return {
        "form": FORM,
        "company": root.name if root else "",
        "month": f"{run.month:%Y-%m}",
        "outlet": {"code": result.outlet.code, "name": result.outlet.name, "peers": result.peers},
        "provider": {"code": provider.code, "name": provider.name} if provider else None,
        "cost_centre": result.outlet.parent.code if result.outlet.parent else result.outlet.code,
        "cut_off": local(run.cut_off),
        "decided_at": local(run.decided_at),
        "run_digest": run.digest,
        "approved": [
            {"by": one.staff.name, "code": one.staff.code, "role": one.role, "at": local(one.approved_at)}
            for one in sealing.approvals
        ],
        "sealed_at": local(sealing.sealed_at),
        "dispute_until": local(sealing.dispute_until),
        "check_url": sealing.check_url,
        "policies": {"settlement": run.settlement_policy, "grade": run.grade_policy, "rates": list(run.rates)},
        "grade": _grade(result, run, words),
        "labour_amount": money(one.labour_amount),
        "coefficient": money(one.coefficient),
        "product_amount": money(one.product_amount),
        "incentives_amount": money(one.incentives_amount),
        "payout_amount": money(one.pays.payout_amount),
        "debt_amount": money(one.pays.debt_amount),
        "counts": one.counts,
        "charges": [_charge(zh, en) for zh, en in zip(one.charges, read["en"].charges, strict=True)],
        "lines": [_line(zh, en) for zh, en in zip(one.lines, read["en"].lines, strict=True)],
    }


def local(at: datetime) -> str:
    """Return an instant in the company's local time with its offset."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).isoformat(timespec="seconds")


def _labels(result: Result) -> dict[str, Any]:
    return {
        "grade": str(GRADE_WORDS.get(result.grade, "")) if result.grade else _("not graded"),
        "parts": {name: [str(text) for text in PART_WORDS[name]] for name in PARTS},
    }


def _both(words: dict[str, dict[str, Any]], *path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for language, value in words.items():
        here: Any = value
        for name in path:
            here = here[name]
        found[language] = here
    return found


def _grade(result: Result, run: Run, words: dict[str, dict[str, Any]]) -> dict[str, Any]:
    policy = _policy(run)
    return {
        "score": None if result.score is None else money(result.score),
        "grade": result.grade or None,
        "words": _both(words, "grade"),
        "rank": result.rank,
        "group_size": result.group_size,
        "finished": result.finished,
        "bonus": str(result.parts.get("bonus", "0.00")),
        "parts": [
            {
                "code": name,
                "words": _both(words, "parts", name),
                "counted": result.facts[name][0],
                "of": result.facts[name][1],
                "points": str(result.parts[name]) if name in result.parts else None,
                "full": str(getattr(policy.parts, name).points),
            }
            for name in PARTS
        ],
    }


def _policy(run: Run) -> Grade:
    try:
        data = policies.by_label(run.grade_policy).data
    except policies.NoPolicy:
        data = policies.current("grade").data
    assert isinstance(data, Grade)
    return data


def _line(zh: StatementLine, en: StatementLine) -> dict[str, Any]:
    return {
        "order": zh.number,
        "case": zh.case_number,
        "finished_at": local(zh.finished_at),
        "decision": zh.decision,
        "gate": zh.gate or None,
        "fee_amount": None if zh.fee_amount is None else money(zh.fee_amount),
        "rate": zh.rate or None,
        "earlier": zh.earlier or None,
        "charged_to": zh.charged_outlet or None,
        "words": {"zh": zh.explanation, "en": en.explanation},
        "release": {"zh": zh.release, "en": en.release} if zh.release else None,
    }


def _charge(zh: StatementCharge, en: StatementCharge) -> dict[str, Any]:
    return {
        "id": zh.charge_id,
        "kind": zh.kind,
        "words": {"zh": _named(zh, "zh-hans"), "en": _named(en, "en")},
        "reason": zh.reason,
        "order": zh.order or None,
        "by_outlet": zh.other_outlet or None,
        "earlier": zh.earlier or None,
        "month": f"{zh.month:%Y-%m}" if zh.month else None,
        "amount": money(zh.amount),
    }


def _named(one: StatementCharge, language: str) -> str:
    if one.words:
        return one.words
    with translation.override(language):
        return one.kind_label


def decision_words() -> dict[str, dict[str, str]]:
    """Return the words of decisions, gates and kinds of charges in the language of the moment, for a printed statement."""
    return {
        "decisions": {code: str(label) for code, label in Line.Decision.choices},
        "gates": {code: str(label) for code, label in Line.Gate.choices},
        "kinds": {code: str(label) for code, label in Charge.Kind.choices},
    }
