"""What goes wrong at a month end is said in the reader's language, and changes nothing: late, missing, forged, alone."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.notify import kinds
from jieli.notify.models import Notice
from jieli.people.models import Staff, Unit
from jieli.people.queries import actor_for
from jieli.people.tests.factories import a_person, the_root
from jieli.settlement.actions.approving import approve_month
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.actions.sealing import seal_statements
from jieli.settlement.models import Approval, Dispute, Line, Result, Run
from jieli.settlement.queries.months import month_of
from jieli.settlement.tests.factories import FINANCE, a_rate_table, an_order, an_outlet, at
from jieli.settlement.views import checking

pytestmark = pytest.mark.django_db

MARCH = "/settlement/2026-03/"
BOTH = pytest.mark.parametrize("language", ["zh-hans", "en"])


@pytest.fixture(autouse=True)
def after_the_cut_off() -> Iterator[None]:
    checking.tries.forget()
    with clock.frozen(at("2026-04-10 09:00")):
        yield


def decided(*more: str) -> tuple[Unit, Run]:
    """Decide March for an outlet with one order at 82.00, and one more of each product line named."""
    a_rate_table()
    outlet = an_outlet("A")
    an_order(outlet, "2026-03-02 10:00", number="WA1")
    for number, line in enumerate(more):
        an_order(outlet, "2026-03-03 10:00", number=f"WX{number}", product_line=line)
    return outlet, decide_month(month_of("2026-03"), actor=FINANCE)


def sealed(run: Run) -> None:
    for role in ("finance", "manager"):
        approve_month(month_of("2026-03"), actor=actor_for(person("zh-hans", role)))
    seal_statements(run.pk, actor=SYSTEM)


def person(language: str, *roles: str, unit: Unit | None = None) -> Staff:
    found = a_person(unit=unit or the_root(), roles=roles)
    found.language = language
    found.save(update_fields=["language"])
    return found


def browsing(language: str, who: Staff | None = None) -> Client:
    client = Client(headers={"accept-language": language})
    if who is not None:
        client.force_login(who)
    client.post("/language/", {"language": language})
    return client


@BOTH
def test_a_dispute_after_the_deadline(language: str) -> None:
    outlet, run = decided()
    sealed(run)
    manager = person(language, "outlet_manager", unit=outlet)
    words = {
        "zh-hans": "异议期已过：截止时间是 2026-04-17 09:00。",
        "en": "The time for disputes is over: it ended on 2026-04-17 09:00.",
    }
    with clock.frozen(at("2026-04-17 09:01")):
        answer = browsing(language, manager).post(f"{MARCH}outlets/{outlet.pk}/dispute/?order=WA1", {"reason": "步骤都做了"})
    assert answer.status_code == 409
    assert words[language] in answer.content.decode()
    assert not Dispute.objects.exists()


@BOTH
def test_a_rate_that_is_missing_at_month_end(language: str) -> None:
    finance = person(language, "finance")
    outlet, run = decided("unheard")
    line = Line.objects.get(order__number="WX0")
    assert (line.decision, line.gate, line.fee_amount) == ("held", "rate", None)
    assert Result.objects.get(run=run, outlet=outlet).labour_amount == Decimal("82.00")
    notice = Notice.objects.get(staff=finance, kind="settlement.rate_missing")
    with translation.override(language):
        told = kinds.sentence(notice.kind, notice.params)
    page = browsing(language, finance).get(kinds.link_of(None, notice.params)).content.decode()
    words = {
        "zh-hans": (
            "2026-03 已结算；因费率表没有对应费用而暂挂的工单：1 张",
            "费率表没有这一项：unheard",
            "费率表有这一项后应付。",
        ),
        "en": (
            "2026-03 was settled; orders held because the rate table has no fee for them: 1",
            "The rate table has no fee for unheard",
            "Paid once a rate table has this fee.",
        ),
    }[language]
    assert told == words[0]
    assert words[1] in page
    assert words[2] in page
    assert "WX0" in page


@BOTH
def test_a_changed_copy_of_a_printed_statement(language: str) -> None:
    outlet, run = decided()
    sealed(run)
    manager = person(language, "outlet_manager", unit=outlet)
    printed = browsing(language, manager).get(f"{MARCH}outlets/{outlet.pk}/statement.pdf").content
    forged = printed.replace(b"82", b"92", 1) if b"82" in printed else printed + b"\n"
    page = browsing(language).post("/settlement/check/", {"file": SimpleUploadedFile("s.pdf", forged)}).content.decode()
    words = {
        "zh-hans": ("这份文件不是我们封存的那一份。", "它写有 网点A（A）", "对账单的封存码，但内容已被改动。"),
        "en": (
            "This copy is not what we sealed.",
            "It names the seal of the statement of 网点A (A) for",
            "its content was changed.",
        ),
    }[language]
    for one in words:
        assert one in page
    good = browsing(language).post("/settlement/check/", {"file": SimpleUploadedFile("s.pdf", printed)}).content.decode()
    assert words[0] not in good


@BOTH
def test_the_second_approver_is_the_first_under_another_role(language: str) -> None:
    decided()
    both = person(language, "finance", "manager")
    client = browsing(language, both)
    assert client.post(f"{MARCH}approve/").status_code == 302
    answer = client.post(f"{MARCH}approve/")
    words = {
        "zh-hans": "您已审批过本月：第二次审批必须由另一个人作出。",
        "en": "You approved this month already: the second approval must come from another person.",
    }
    assert answer.status_code == 409
    assert words[language] in answer.content.decode()
    assert Approval.objects.count() == 1
