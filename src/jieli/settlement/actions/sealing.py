"""Sealing the statements of an approved month, and handing out their copies."""

from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse

from jieli.events.actions import record, record_many
from jieli.events.actor import SYSTEM, Actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.lib.pdf import made_with
from jieli.network.models import Outlet
from jieli.notify.actions import Telling, tell_all
from jieli.people.models import Staff
from jieli.policies.queries import current
from jieli.settlement.events import StatementPrinted, StatementSealed
from jieli.settlement.models import Approval, Result, Run, Statement, StatementCopy
from jieli.settlement.models.sealing import PLACES
from jieli.settlement.notices import STATEMENT_SEALED
from jieli.settlement.policy import may_seal, may_see_statement
from jieli.settlement.queries.documents import money
from jieli.settlement.queries.printing import printed
from jieli.settlement.queries.sealing import Sealing, local, sealed_document, unsealed
from jieli.settlement.rules.sealing import canonical, digest_of

AT_ONCE = 50
"""How many statements are sealed in one transaction."""


def seal_statements(run_id: int, *, actor: Actor) -> int:
    """Seal the statements of a month that two people approved, as far as they are not sealed, and return how many were.

    Some at a time, each batch a transaction of its own: killed anywhere and begun anew, each outlet has one statement. Raises
    NotAllowed.
    """
    require(may_seal(actor))
    sealed = 0
    while batch := _seal_some(run_id, actor):
        sealed += batch
    return sealed


@transaction.atomic
def _seal_some(run_id: int, actor: Actor) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('settlement.seal'))")
    run = Run.objects.filter(pk=run_id).first()
    approvals = list(Approval.objects.filter(run_id=run_id).select_related("staff").order_by("place"))
    if run is None or len(approvals) < len(PLACES):
        return 0
    results = unsealed(run, AT_ONCE)
    if not results:
        return 0
    # All statements of a month are of one moment, whenever the job comes to them.
    first = Statement.objects.filter(run=run).defer("document").first()
    now = first.sealed_at if first else clock.now()
    until = first.dispute_until if first else now + timedelta(days=current("settlement").data.dispute_days)
    sealing = Sealing(run, approvals, now, until, f"{settings.PUBLIC_URL}{reverse('settlement:check')}")
    providers = dict(Outlet.objects.filter(pk__in=[one.outlet_id for one in results]).values_list("pk", "provider_id"))
    statements = Statement.objects.bulk_create([_sealed(one, sealing, providers.get(one.outlet_id)) for one in results])
    month = f"{run.month:%Y-%m}"
    facts = [
        StatementSealed(
            unit_id=one.outlet_id,
            month=month,
            statement_id=one.pk,
            payout_amount=one.payout_amount,
            sha256=one.sha256,
        )
        for one in statements
    ]
    record_many(facts, actor=actor)
    _tell_managers(statements, month)
    return len(statements)


def _sealed(result: Result, sealing: Sealing, provider_id: int | None) -> Statement:
    document = canonical(sealed_document(result, sealing))
    return Statement(
        run=sealing.run,
        outlet=result.outlet,
        provider_id=provider_id,
        document=document,
        sha256=digest_of(document),
        payout_amount=result.payout_amount,
        sealed_at=sealing.sealed_at,
        dispute_until=sealing.dispute_until,
    )


def _tell_managers(statements: list[Statement], month: str) -> None:
    by_outlet = {one.outlet_id: one for one in statements}
    held = Staff.objects.active().filter(grants__role="outlet_manager", grants__unit__in=by_outlet)
    tellings = []
    for staff_id, outlet_id in held.values_list("pk", "grants__unit").distinct():
        one = by_outlet.get(outlet_id)
        if one is not None:
            params = {
                "outlet": one.outlet.name,
                "month": month,
                "amount": money(one.payout_amount),
                "until": local(one.dispute_until)[:10],
                "link": reverse("settlement:statement", args=[month, outlet_id]),
            }
            tellings.append(Telling(staff_id, STATEMENT_SEALED, None, params))
    tell_all(tellings, actor=SYSTEM)


def hand_out(statement_id: int, *, language: str, actor: Actor) -> bytes:
    """Return the PDF of a sealed statement and keep its hash, so that the copy is known again.

    The bytes are made from the sealed document each time, and are the same each time. Raises NotFound, also when hidden.
    """
    statement = Statement.objects.filter(pk=statement_id).select_related("outlet", "run").first()
    if statement is None or not may_see_statement(actor, statement.outlet):
        raise NotFound
    content = printed(statement, language)
    _know(statement, language, digest_of(content), actor)
    return content


@transaction.atomic
def _know(statement: Statement, language: str, digest: str, actor: Actor) -> None:
    about = {"statement": statement, "language": language, "made_with": made_with(), "made_at": clock.now()}
    _copy, is_new = StatementCopy.objects.get_or_create(sha256=digest, defaults=about)
    if is_new:
        fact = StatementPrinted(
            unit_id=statement.outlet_id,
            month=f"{statement.run.month:%Y-%m}",
            statement_id=statement.pk,
            language=language,
            sha256=digest,
        )
        record(fact, actor=actor)
