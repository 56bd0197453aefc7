"""Sealed statements as people meet them: approved, printed, checked, disputed, decided, and paid with the next month."""

import csv
import json
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.network.models import Outlet, Provider
from jieli.notify.models import Notice
from jieli.people.models import Staff, Unit
from jieli.people.queries import actor_for
from jieli.people.tests.factories import a_person, the_root
from jieli.policies.queries import current
from jieli.settlement.actions.approving import approve_month
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.actions.disputing import DisputedLine, dispute_line
from jieli.settlement.actions.paying import decide_pay
from jieli.settlement.actions.sealing import seal_statements
from jieli.settlement.models import Charge, Dispute, Result, Ruling, Run, Statement, StatementCopy
from jieli.settlement.queries.calculating import calculate
from jieli.settlement.queries.months import month_of
from jieli.settlement.rules.sealing import digest_of
from jieli.settlement.tests.factories import FINANCE, a_rate_table, an_incentive, an_order, an_outlet, at
from jieli.settlement.views import checking

pytestmark = pytest.mark.django_db

MARCH = "/settlement/2026-03/"


@pytest.fixture(autouse=True)
def after_the_cut_off() -> Iterator[None]:
    checking.tries.forget()
    with clock.frozen(at("2026-04-10 09:00")), translation.override("en"):
        yield


class Company:
    """Two outlets with a sealed March, and the people of it."""

    def __init__(self, *more: Any) -> None:
        a_rate_table()
        self.first, self.second = an_outlet("A"), an_outlet("B")
        for outlet in (self.first, self.second):
            an_order(outlet, "2026-03-02 10:00", number=f"W{outlet.code}1")
            an_order(outlet, "2026-03-03 10:00", number=f"W{outlet.code}2", steps_complete=False)
            an_incentive(outlet, "2026-03", "-20.00", kind="false_charge", reason="多收 #evil[上门费] *")
        self.finance, self.chief = self.person("finance"), self.person("manager")
        self.manager = self.person("outlet_manager", unit=self.first)
        for outlet in more:
            an_order(outlet, "2026-03-05 10:00", engineer=a_person(unit=outlet, roles=("engineer",)))
            an_order(self.first, "2026-03-06 10:00", number=f"W{outlet.code}")
        self.decided()

    def decided(self) -> "Company":
        self.run = decide_month(month_of("2026-03"), actor=FINANCE)
        return self

    def person(self, *roles: str, unit: Unit | None = None) -> Staff:
        person = a_person(unit=unit or the_root(), roles=roles)
        person.language = "en"
        person.save(update_fields=["language"])
        return person

    def sealed(self) -> "Company":
        for who in (self.finance, self.chief):
            approve_month(month_of("2026-03"), actor=actor_for(who))
        seal_statements(self.run.pk, actor=SYSTEM)
        return self


def browsing(person: Staff | None) -> Client:
    client = Client(headers={"accept-language": "en"})
    if person is not None:
        client.force_login(person)
    client.post("/language/", {"language": "en"})
    return client


def url(outlet: Unit, what: str = "statement/") -> str:
    return f"{MARCH}outlets/{outlet.pk}/{what}"


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_the_month_page_leads_from_the_decision_to_the_seal() -> None:
    company = Company()
    finance, chief = browsing(company.finance), browsing(company.chief)
    assert "Approve the month" in text_of(finance, MARCH)
    assert finance.post(f"{MARCH}approve/").status_code == 302
    page = text_of(finance, MARCH)
    assert "the second approval comes from another person" in page
    assert finance.post(f"{MARCH}approve/").status_code == 409
    assert "Approve as the second person" in text_of(chief, MARCH)
    assert chief.post(f"{MARCH}approve/").status_code == 302
    assert "0 / 2" in text_of(chief, MARCH)
    seal_statements(company.run.pk, actor=SYSTEM)
    assert "2 / 2" in text_of(chief, MARCH)
    assert company.first.name in text_of(chief, f"{MARCH}statements/")
    assert Notice.objects.filter(kind="settlement.statement_sealed", staff_id=company.manager.pk).count() == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pdf_is_the_same_bytes_each_time_and_known_again(language: str) -> None:
    company = Company().sealed()
    client = browsing(company.manager)
    first = client.get(url(company.first, "statement.pdf"), {"language": language})
    again = browsing(company.finance).get(url(company.first, "statement.pdf"), {"language": language})
    assert first.status_code == 200, first.content
    assert first.content.startswith(b"%PDF")
    assert first.content == again.content
    copy = StatementCopy.objects.get()
    assert (copy.sha256, copy.language[:2]) == (digest_of(first.content), language)
    assert copy.statement.sha256.encode() in first.content


def test_an_outlet_reads_its_own_sealed_statement_alone() -> None:
    company = Company()
    client = browsing(company.manager)
    assert client.get(url(company.first, "statement.pdf")).status_code == 409
    company.sealed()
    document = json.loads(client.get(url(company.first, "statement.json")).content)
    assert (document["payout_amount"], len(document["lines"]), document["charges"][0]["amount"]) == ("62.00", 2, "-20.00")
    assert document["lines"][0]["words"]["en"].startswith("82.00 = washing machine, repair, in warranty")
    assert document["lines"][0]["words"]["zh"].startswith("82.00 = 洗衣机、维修、保修期内")
    assert [one["by"] for one in document["approved"]] == [company.finance.name, company.chief.name]
    for what in ("statement.pdf", "statement.json", "dispute/?order=WB1"):
        assert client.get(url(company.second, what)).status_code == 404
    assert client.post(url(company.second, "confirm/")).status_code == 404
    assert client.get(f"{MARCH}statements/").status_code == 403
    assert client.get(f"{MARCH}books/payments.csv").status_code == 403


def checked(given: str | bytes) -> str:
    data: dict[str, Any] = {"hash": given} if isinstance(given, str) else {"file": SimpleUploadedFile("s.pdf", given)}
    answer = browsing(None).post("/settlement/check/", data)
    assert answer.status_code == 200
    return answer.content.decode()


def test_everybody_with_a_copy_can_check_it() -> None:
    company = Company().sealed()
    content = browsing(company.manager).get(url(company.first, "statement.pdf")).content
    seal = Statement.objects.get(outlet=company.first).sha256
    assert "Check a statement" in text_of(browsing(None), f"/settlement/check/?hash={seal}")
    assert "This is the sealed statement of 网点A (A) for March 2026" in checked(seal)
    assert "This is the sealed statement" in checked(f" {seal[:32].upper()} {seal[32:]} ")
    assert "Not a byte of the copy was changed" in checked(content)
    for changed in (content + b" ", content.replace(b"/Title", b"/Titel"), content[:-1]):
        assert "This copy is not what we sealed" in checked(changed)
    assert "This is not what we sealed" in checked("0" * 64)
    assert "This is not what we sealed" in checked(b"%PDF of something else")
    assert "Give the 64 characters" in checked("abc")


def test_who_checks_too_often_waits() -> None:
    client = browsing(None)
    ends = [client.post("/settlement/check/", {"hash": "0" * 64}).status_code for _try in range(31)]
    assert ends == [200] * 30 + [429]
    assert client.get("/settlement/check/").status_code == 200


def test_nobody_decides_his_own_dispute() -> None:
    company = Company().sealed()
    both = company.person("outlet_manager", "finance")
    client = browsing(both)
    assert client.post(url(company.first, "dispute/?order=WA2"), {"reason": "x"}).status_code == 302
    place = f"/settlement/disputes/{Dispute.objects.get().pk}/"
    assert "Decide the dispute" not in text_of(client, place)
    answer = client.post(place, {"decision": "granted", "amount": "82.00", "reason": "x"})
    assert (answer.status_code, Ruling.objects.count()) == (409, 0)


def test_a_disputed_line_is_decided_and_the_next_statement_carries_the_correction() -> None:
    company = Company().sealed()
    manager, finance = browsing(company.manager), browsing(company.finance)
    page = text_of(manager, url(company.first))
    assert url(company.first, "dispute/?order=WA2") in page
    assert url(company.first, "dispute/") not in text_of(finance, url(company.first))
    form = url(company.first, "dispute/?order=WA2")
    assert "The visit’s steps are not complete" in text_of(manager, form).replace("&#x27;", "’")
    assert "This field is required" in manager.post(form, {"reason": ""}).content.decode()
    made = manager.post(form, {"reason": "步骤后来补报了", "claimed_amount": "82.00"})
    dispute = Dispute.objects.get()
    assert made.headers["Location"] == f"/settlement/disputes/{dispute.pk}/"
    assert manager.post(form, {"reason": "再来一次"}).status_code == 409
    assert Notice.objects.filter(kind="settlement.line_disputed", staff_id=company.finance.pk).exists()

    waiting = text_of(finance, "/settlement/disputes/")
    assert "WA2" in waiting
    place = f"/settlement/disputes/{dispute.pk}/"
    assert "Decide the dispute" not in text_of(manager, place)
    way = f"/cases/{dispute.order.case.number}/way/"
    assert f'href="{way}"' in text_of(finance, place)
    assert "WA2" in text_of(finance, way)
    assert manager.post(place, {"decision": "granted", "amount": "82.00", "reason": "x"}).status_code == 403
    assert "Give an amount above zero" in finance.post(place, {"decision": "granted", "reason": "对"}).content.decode()
    assert finance.post(place, {"decision": "granted", "amount": "82.00", "reason": "补报属实"}).status_code == 302
    assert finance.post(place, {"decision": "refused", "reason": "x"}).status_code in (403, 409)
    assert Notice.objects.filter(kind="settlement.dispute_granted", staff_id=company.manager.pk).exists()
    assert "82.00" in text_of(manager, place)

    before = bytes(Statement.objects.get(outlet=company.first).document)
    with clock.frozen(at("2026-05-08 09:00")):
        preview = {one.outlet: one for one in calculate(month_of("2026-04")).outlets}
        assert (preview["A"].incentives_amount, preview["A"].adjustments_amount) == (Decimal(82), Decimal(82))
        run = decide_month(month_of("2026-04"), actor=FINANCE)
        assert Result.objects.get(run=run, outlet=company.first).payout_amount == Decimal(82)
        charge = Charge.objects.get(run=run, kind="adjustment")
        assert (charge.amount, charge.ruling_id) == (Decimal(82), dispute.pk)
        assert decide_month(month_of("2026-04"), actor=FINANCE).digest == run.digest
        assert "补报属实" in text_of(finance, f"/settlement/2026-04/outlets/{company.first.pk}/statement/")
    with clock.frozen(at("2026-06-08 09:00")):
        later = {one.outlet: one for one in calculate(month_of("2026-05")).outlets}
        assert later["A"].incentives_amount == 0
    assert bytes(Statement.objects.get(outlet=company.first).document) == before


def test_a_refused_dispute_changes_nothing_and_says_why() -> None:
    company = Company().sealed()
    charge = Charge.objects.get(outlet=company.first)
    manager = browsing(company.manager)
    Staff.objects.filter(pk=company.finance.pk).update(language="zh-hans")
    assert manager.post(url(company.first, f"dispute/?charge={charge.pk}"), {"reason": "没有多收"}).status_code == 302
    # Each reads in his language which line it is.
    label = current("settlement").data.kind("false_charge").label
    assert Notice.objects.get(kind="settlement.line_disputed").params["line"] == f"{label.zh} -20.00"
    assert f"{label.en} -20.00" in text_of(manager, "/settlement/disputes/")
    dispute = Dispute.objects.get()
    finance = browsing(company.finance)
    finance.post(f"/settlement/disputes/{dispute.pk}/", {"decision": "refused", "reason": "有发票"})
    assert Ruling.objects.get().amount == 0
    assert "有发票" in text_of(manager, f"/settlement/disputes/{dispute.pk}/")
    assert f"{label.en} -20.00" in text_of(finance, "/settlement/disputes/?state=refused")
    with clock.frozen(at("2026-05-08 09:00")):
        assert calculate(month_of("2026-04")).of("A").incentives_amount == 0  # type: ignore[union-attr]


def test_what_cannot_be_disputed_is_refused_in_words() -> None:
    company = Company().sealed()
    manager = browsing(company.manager)
    theirs = Charge.objects.get(outlet=company.second)
    for line in ("order=WB1", "order=nothing", f"charge={theirs.pk}", ""):
        assert manager.post(url(company.first, f"dispute/?{line}"), {"reason": "x"}).status_code == 422
    with clock.frozen(at("2026-04-17 09:00")):
        assert manager.post(url(company.first, "dispute/?order=WA1"), {"reason": "x"}).status_code == 302
    with clock.frozen(at("2026-04-17 09:01")):
        late = manager.post(url(company.first, "dispute/?order=WA2"), {"reason": "x"})
        assert late.status_code == 409
        assert "it ended on 2026-04-17 09:00" in late.content.decode()
        assert "dispute/?order=WA2" not in text_of(manager, url(company.first))
    assert Dispute.objects.count() == 1


def test_who_confirms_disputes_no_more() -> None:
    company = Company().sealed()
    manager = browsing(company.manager)
    assert browsing(company.finance).post(url(company.first, "confirm/")).status_code == 403
    assert manager.post(url(company.first, "confirm/")).status_code == 302
    assert manager.post(url(company.first, "confirm/")).status_code == 409
    assert "confirmed by" in text_of(manager, url(company.first))
    assert manager.post(url(company.first, "dispute/?order=WA1"), {"reason": "x"}).status_code == 409


def read(client: Client, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return list(csv.reader(BytesIO(b"".join(answer.streaming_content)).read().decode().splitlines()))  # type: ignore[attr-defined]


def test_a_provider_is_paid_as_one_and_only_finance_reads_the_account() -> None:
    company = Company()
    owner = Provider.objects.create(code="P1", name="好帮手服务公司", bank_name="建设银行", bank_account="6217000012345678")
    Outlet.objects.filter(unit__in=(company.first, company.second)).update(provider=owner)
    assert browsing(company.finance).get(f"{MARCH}books/payments.csv").status_code == 409
    company.sealed()
    rows = read(browsing(company.finance), f"{MARCH}books/payments.csv")
    assert len(rows) == 2
    assert (rows[1][0], rows[1][4], rows[1][5], rows[1][8]) == ("P1", "6217000012345678", "124.00", "A;B")
    hidden = read(browsing(company.chief), f"{MARCH}books/payments.csv")
    assert hidden[1][4] == "************5678"


def test_the_journal_is_balanced_in_every_cost_centre() -> None:
    company = Company().sealed()
    rows = read(browsing(company.finance), f"{MARCH}books/journal.csv")[1:]
    assert sum(Decimal(row[5]) for row in rows) == sum(Decimal(row[6]) for row in rows) == Decimal(164)
    assert {row[3] for row in rows} == {"640101", "640103", "220201"}
    assert company.run.results.count() == 2


def test_a_run_keeps_its_statements_apart() -> None:
    company = Company().sealed()
    assert Run.objects.get().statements.count() == 2
    assert len({one.sha256 for one in company.run.statements.all()}) == 2


def costs(client: Client, address: str) -> int:
    text_of(client, address)
    with CaptureQueriesContext(connection) as queries:
        text_of(client, address)
    return len(queries)


@pytest.mark.parametrize(
    ("address", "most"),
    [("{march}", 26), ("{march}statements/", 14), ("/settlement/disputes/", 8), ("{march}pay/", 14), ("{statement}", 36)],
)
def test_more_rows_cost_no_more_queries(address: str, most: int) -> None:
    found = []
    for outlets in (1, 12):
        try:
            with transaction.atomic():
                company = Company(*(an_outlet(f"N{number}") for number in range(outlets))).sealed()
                decide_pay(month_of("2026-03"), actor=FINANCE)
                for number in range(outlets):
                    line = DisputedLine(order=f"WN{number}")
                    statement = Statement.objects.get(outlet=company.first)
                    dispute_line(statement.pk, line=line, reason="x", actor=actor_for(company.manager))
                place = address.format(march=MARCH, statement=url(company.first))
                found.append(costs(browsing(company.finance), place))
                raise _Undone
        except _Undone:
            pass
    assert found[0] == found[1] <= most


class _Undone(Exception):
    """Takes a company back."""
