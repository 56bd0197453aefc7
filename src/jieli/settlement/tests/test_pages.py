"""The pages of the month end: who sees what, what they say, and what they cost."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from python_calamine import CalamineWorkbook

from jieli.cases.actions.progressing import cancel_case
from jieli.cases.tests.factories import a_case
from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.people.models import Unit
from jieli.people.tests.factories import a_person, a_unit, the_root
from jieli.policies.tests.factories import changed, make_draft
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.actions.reckoning import ask_preview, reckon
from jieli.settlement.models import Line, ReckonedResult, Reckoning, Run
from jieli.settlement.queries.months import month_of
from jieli.settlement.tests.factories import (
    FINANCE,
    a_device,
    a_rate_table,
    an_incentive,
    an_order,
    an_outlet,
    at,
)

pytestmark = pytest.mark.django_db

MARCH = "/settlement/2026-03/"


@pytest.fixture(autouse=True)
def after_the_cut_off() -> Iterator[None]:
    with clock.frozen(at("2026-04-10 09:00")), translation.override("en"):
        yield


def a_month() -> tuple[Unit, Unit]:
    """Write two outlets with payable, held and rejected orders, a charge-back and an incentive."""
    first, second = an_outlet("A"), an_outlet("B", region="south")
    a_rate_table()
    shared = a_device()
    an_order(first, "2026-03-02 10:00", device=shared, number="W1")
    an_order(second, "2026-03-20 10:00", device=shared, number="W2", night=True)
    an_order(first, "2026-03-03 10:00", number="W3", part="pump")
    an_order(first, "2026-03-04 10:00", number="W4", steps_complete=False)
    for day in range(1, 12):
        an_order(second, f"2026-03-{day:02d} 12:00")
    an_incentive(first, "2026-03", "30.00", reason="=1+1")
    return first, second


def decided() -> tuple[Unit, Unit]:
    """Write and decide the month."""
    outlets = a_month()
    decide_month(month_of("2026-03"), actor=FINANCE)
    return outlets


def previewed() -> Reckoning:
    """Calculate a preview, as the job does."""
    row = ask_preview(month_of("2026-03"), actor=SYSTEM)
    reckon(row.pk)
    return row


def signed_in(roles: Iterable[str] = ("finance",), unit: Unit | None = None) -> Client:
    """Return a browser of somebody with roles in a unit, the whole company unless given, reading English."""
    person = a_person(unit=unit or the_root(), roles=roles)
    person.language = "en"
    person.save(update_fields=["language"])
    client = Client()
    client.force_login(person)
    client.post("/language/", {"language": "en"})
    return client


def text_of(client: Client, url: str, **query: str) -> str:
    """Return a page as text."""
    answer = client.get(url, query, headers={"accept-language": "en"})
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_a_decided_month_shows_its_sums_gates_and_outlets() -> None:
    first, _second = decided()
    page = text_of(signed_in(), MARCH)
    assert "984.00" not in page
    run = Run.objects.get()
    labour = sum(line.fee_amount or Decimal(0) for line in Line.objects.filter(run=run))
    assert f"{labour:,.2f}" in page
    assert f"/settlement/2026-03/outlets/{first.pk}/" in page
    assert "?decision=held&gate=return" in page
    assert "settlement v1" in page


def test_an_undecided_month_asks_for_its_preview_and_then_shows_it() -> None:
    a_month()
    client = signed_in()
    page = text_of(client, MARCH)
    assert 'hx-trigger="load, submit"' in page
    answer = client.post(f"{MARCH}preview/", headers={"hx-request": "true"})
    assert b'hx-trigger="every 1s"' in answer.content
    row = Reckoning.objects.get()
    reckon(row.pk)
    done = client.get(f"{MARCH}state/", headers={"hx-request": "true"})
    assert done["HX-Refresh"] == "true"
    page = text_of(client, MARCH)
    assert 'hx-trigger="load, submit"' not in page
    assert f"{MARCH}decide/" in page


def test_before_the_cut_off_a_month_is_provisional_and_cannot_be_decided() -> None:
    a_month()
    with clock.frozen(at("2026-04-07 23:00")):
        previewed()
        client = signed_in()
        page = text_of(client, MARCH)
        assert "Provisional" in page or "暂定" in page
        assert f"{MARCH}decide/" not in page
        assert client.get(f"{MARCH}decide/").status_code == 302
        assert client.post(f"{MARCH}decide/").status_code == 409


def test_deciding_starts_one_job_and_the_month_is_then_decided() -> None:
    a_month()
    previewed()
    client = signed_in()
    assert client.get(f"{MARCH}decide/").status_code == 200
    for _click in range(3):
        assert client.post(f"{MARCH}decide/").status_code == 302
    asked = Reckoning.objects.get(kind=Reckoning.Kind.DECISION)
    assert 'hx-trigger="every 1s"' in text_of(client, MARCH)
    reckon(asked.pk)
    assert Run.objects.count() == 1
    assert 'hx-trigger="every 1s"' not in text_of(client, MARCH)


def test_a_refused_calculation_says_why() -> None:
    a_month()
    row = ask_preview(month_of("2026-03"), actor=SYSTEM)
    Reckoning.objects.filter(pk=row.pk).update(state="refused", reason="because", ended_at=clock.now())
    assert "because" in text_of(signed_in(), MARCH)


def test_who_sees_a_month_and_whose() -> None:
    first, second = decided()
    for role in ("finance", "manager", "administrator"):
        page = text_of(signed_in([role]), MARCH)
        assert f"outlets/{first.pk}/" in page
        assert f"outlets/{second.pk}/" in page
    over_first = a_unit(name="east")
    Unit.objects.filter(pk=first.pk).update(parent=over_first)
    page = text_of(signed_in(["supervisor"], over_first), MARCH)
    assert f"outlets/{first.pk}/" in page
    assert f"outlets/{second.pk}/" not in page
    assert ">W4<" in text_of(signed_in(["supervisor"], over_first), f"{MARCH}unpaid/", decision="rejected")
    assert ">W4<" not in text_of(signed_in(["supervisor"], second), f"{MARCH}unpaid/", decision="rejected")
    for role in ("agent", "engineer", "quality", "employee"):
        client = signed_in([role])
        assert client.get(MARCH).status_code == 403
        assert client.get("/settlement/").status_code == 403
        assert client.get(f"{MARCH}outlets/{first.pk}/statement/").status_code == 404


def test_an_outlets_manager_sees_his_outlet_alone() -> None:
    first, second = decided()
    client = signed_in(["outlet_manager"], first)
    assert client.get("/settlement/").headers["Location"] == f"{MARCH}outlets/{first.pk}/"
    assert client.get(f"{MARCH}outlets/{first.pk}/").status_code == 200
    assert ">W1<" in text_of(client, f"{MARCH}outlets/{first.pk}/statement/")
    assert client.get(f"{MARCH}outlets/{first.pk}/statement.xlsx").status_code == 200
    for hidden in (
        f"{MARCH}outlets/{second.pk}/",
        f"{MARCH}outlets/{second.pk}/statement/",
        f"{MARCH}outlets/{second.pk}/statement.csv",
    ):
        assert client.get(hidden).status_code == 404
    for refused in (MARCH, f"{MARCH}unpaid/", f"{MARCH}outlets.csv", f"{MARCH}decide/", f"{MARCH}changed/"):
        assert client.get(refused).status_code == 403
    assert client.post(f"{MARCH}decide/").status_code == 403


def test_only_who_settles_decides_and_tries() -> None:
    a_month()
    draft = make_draft("grade", changed("grade", "a = 90", "a = 80"))
    supervisor = signed_in(["supervisor"])
    assert supervisor.get(MARCH).status_code == 200
    assert supervisor.post(f"{MARCH}decide/").status_code == 403
    assert supervisor.get(f"{MARCH}drafts/{draft.pk}/").status_code == 403
    assert supervisor.post(f"{MARCH}drafts/{draft.pk}/try/").status_code == 403
    assert signed_in().post(f"{MARCH}drafts/{draft.pk}/try/").status_code == 302
    promises = make_draft("promises")
    assert signed_in().get(f"{MARCH}drafts/{promises.pk}/").status_code == 404


def test_strangers_are_asked_to_log_in_and_no_month_is_not_found() -> None:
    assert Client().get(MARCH).headers["Location"].startswith("/login")
    client = signed_in()
    assert client.get("/settlement/2026-13/").status_code == 404
    assert client.get("/settlement/1111-11/").status_code == 404
    assert client.get("/settlement/2026-05/").status_code == 200
    assert client.get(MARCH, {"after": "forged"}).status_code == 200


def test_a_statement_explains_every_line() -> None:
    first, second = decided()
    page = text_of(signed_in(), f"{MARCH}outlets/{first.pk}/statement/")
    assert "82.00 = " in page
    assert "2026-06-01" in page  # the part of W3 is waited for 90 days
    assert "102.00" in page  # the repeat of the other outlet, with its night
    assert ">W2<" in page
    other = text_of(signed_in(), f"{MARCH}outlets/{second.pk}/statement/")
    assert "102.00 = 82.00 (" in other
    assert "+ 20.00 (" in other


def test_lines_come_page_by_page() -> None:
    outlet = an_outlet("A")
    a_rate_table()
    for number in range(60):
        an_order(outlet, at("2026-03-01 10:00") + timedelta(hours=number), number=f"V{number:03d}")
    decide_month(month_of("2026-03"), actor=FINANCE)
    client = signed_in()
    url = f"{MARCH}outlets/{outlet.pk}/statement/"
    page = text_of(client, url)
    assert "V049" in page
    assert "V050" not in page
    following = page.split('rel="next" href="')[-1].split('"')[0].replace("&amp;", "&")
    assert "V050" in text_of(client, url + following)
    assert "V059" in text_of(client, url, all="1")


def test_outlets_are_sorted_filtered_and_paged() -> None:
    a_rate_table()
    outlets = [an_outlet(f"N{number:02d}", region="north" if number % 2 else "south") for number in range(55)]
    for number, outlet in enumerate(outlets):
        for one in range(number % 4):
            an_order(outlet, f"2026-03-1{one} 10:00")
    decide_month(month_of("2026-03"), actor=FINANCE)
    client = signed_in()

    def listed(query: str) -> list[str]:
        found, page = [], text_of(client, MARCH + query)
        while True:
            found += [part.split("<")[0] for part in page.split('<small class="j-code">')[1:]]
            if 'rel="next" href="?' not in page:
                return found
            page = text_of(client, MARCH + page.rsplit('rel="next" href="', 1)[1].split('"')[0].replace("&amp;", "&"))

    codes = [outlet.code for outlet in outlets]
    assert listed("") == codes
    assert listed("?sort=-code") == codes[::-1]
    by_pay = sorted(codes, key=lambda code: (-(int(code[1:]) % 4), code))
    assert listed("?sort=-payout") == by_pay
    assert listed("?region=south") == codes[::2]
    assert listed("?grade=A") == []
    assert listed("?q=N07") == ["N07"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("what", ["outlets", "lines", "unpaid", "charges"])
def test_files_hold_everything_and_no_formula(what: str, kind: str) -> None:
    decided()
    answer = signed_in().get(f"{MARCH}{what}.{kind}")
    assert answer.status_code == 200
    assert f"jieli-2026-03-{what}.{kind}" in answer["Content-Disposition"]
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    rows = {"outlets": 2, "lines": 15, "unpaid": 2, "charges": 2}[what]
    if kind == "csv":
        assert not content.startswith(b"\xef\xbb\xbf")
        assert content.decode().count("\r\n") == rows + 1
        assert ",=1+1" not in content.decode()
    else:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        assert len(book.get_sheet_by_index(0).to_python()) == rows + 1


def test_a_preview_has_files_too() -> None:
    first, _second = a_month()
    previewed()
    client = signed_in()
    for url in ("outlets.csv", "lines.xlsx", "unpaid.csv", "charges.csv", f"outlets/{first.pk}/statement.xlsx"):
        answer = client.get(MARCH + url)
        assert answer.status_code == 200
        assert "-preview." in answer["Content-Disposition"]
        assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_orders_changed_after_the_decision_are_listed() -> None:
    decided()
    order = Line.objects.filter(decision="payable").select_related("order").first()
    assert order is not None
    order.order.changed_at = clock.now() + timedelta(hours=1)
    order.order.save(update_fields=["changed_at"])
    client = signed_in()
    assert order.order.number in text_of(client, f"{MARCH}changed/")
    assert "1" in text_of(client, f"{MARCH}changed/", count="1")


def test_the_case_page_has_the_settlement_of_its_order() -> None:
    first, second = decided()
    line = Line.objects.filter(outlet=first, decision="payable").select_related("order__case").first()
    assert line is not None
    client = signed_in(["manager"])
    assert line.order.number in text_of(client, f"/settlement/cases/{line.order.case_id}/")
    assert signed_in(["outlet_manager"], second).get(f"/settlement/cases/{line.order.case_id}/").status_code == 404
    elsewhere = cancel_case(a_case().pk, reason="…", actor=SYSTEM)
    assert client.get(f"/settlement/cases/{elsewhere.pk}/").status_code == 200


PAGES = ["", "outlets/{outlet}/", "outlets/{outlet}/statement/", "unpaid/", "unpaid/?decision=rejected&gate=steps", "decide/"]


@pytest.mark.parametrize("is_decided", [True, False])
@pytest.mark.parametrize("page", PAGES)
def test_pages_with_many_rows_cost_few_queries(page: str, *, is_decided: bool) -> None:
    first, _second = a_month()
    for number in range(30):
        an_order(an_outlet(f"C{number:02d}"), "2026-03-05 10:00", steps_complete=None)
        an_order(first, "2026-03-06 10:00")
    if is_decided:
        decide_month(month_of("2026-03"), actor=FINANCE)
    else:
        previewed()
    client = signed_in()
    url = MARCH + page.format(outlet=first.pk)
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    assert len(queries) <= 35, "\n".join(one["sql"][:150] for one in queries)


def test_a_trial_shows_each_outlet_old_and_new() -> None:
    _first, second = decided()
    draft = make_draft("grade", changed("grade", "least_orders = 10", "least_orders = 20"))
    client = signed_in()
    url = f"{MARCH}drafts/{draft.pk}/"
    assert client.get(f"/settlement/drafts/{draft.pk}/").headers["Location"] == url
    client.post(f"{url}try/")
    assert 'hx-trigger="every 1s"' in text_of(client, url)
    reckon(Reckoning.objects.get(kind="trial").pk)
    page = text_of(client, url)
    assert second.name in page
    assert 'class="j-was"' in page
    assert "Nothing changes" not in text_of(client, url, show="all")


def test_the_sum_of_a_trial_is_that_of_its_rows_also_where_an_outlet_owes() -> None:
    first, _second = a_month()
    an_incentive(first, "2026-03", "-5000.00")
    decide_month(month_of("2026-03"), actor=FINANCE)
    draft = make_draft("grade", changed("grade", "least_orders = 10", "least_orders = 20"))
    client = signed_in()
    url = f"{MARCH}drafts/{draft.pk}/"
    client.post(f"{url}try/")
    reckon(Reckoning.objects.get(kind="trial").pk)
    found = ReckonedResult.objects.filter(reckoning__kind="trial")
    assert found.get(outlet=first).debt_amount > 0
    whole = sum(one.payout_amount - one.debt_amount for one in found)
    foot = text_of(client, url, show="all").partition("<tfoot>")[2]
    assert f"{whole:,.2f}".replace("-", "−") in foot


def test_the_draft_page_leads_to_the_trial() -> None:
    draft = make_draft("settlement", changed("settlement", "night = 20.00", "night = 25.00"))
    page = text_of(signed_in(["manager"]), f"/policies/drafts/{draft.pk}/")
    assert f"/settlement/drafts/{draft.pk}/" in page
