"""Who covers a place, what speaks against an outlet or an engineer, when and for how many orders an engineer works."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from jieli.cases.tests.factories import a_case
from jieli.events.actor import SYSTEM
from jieli.network.actions.engineers import change_engineer, set_skill
from jieli.network.actions.outlets import change_outlet, end_outlet, lift_suspension, suspend_outlet
from jieli.network.actions.providers import change_provider
from jieli.network.models import Engineer, Outlet
from jieli.network.queries.coverage import outlets_covering
from jieli.network.queries.dispatchable import (
    capacities_of,
    capacity_of,
    reasons_against_engineer,
    reasons_against_engineers,
    reasons_against_outlet,
    reasons_against_outlets,
)
from jieli.network.queries.shifts import opening_windows, working_windows
from jieli.network.tests.factories import SQUARE, a_document, a_posting, a_provider, an_area, an_engineer, an_outlet
from jieli.people.actions import close_unit_on, deactivate_staff
from jieli.people.queries import company_zone
from jieli.people.tests.factories import MONDAY, an_absence, an_administrator

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
WORK = {"product_line": "washing_machine", "service_type": "repair", "at": MONDAY}


def read(engineer):
    return Engineer.objects.select_related("staff", "outlet__unit", "outlet__provider").get(pk=engineer.pk)


def against(engineer, **work):
    return [one.code for one in reasons_against_engineer(read(engineer), **{**WORK, **work})]


def against_outlet(outlet, **work):
    fresh = Outlet.objects.select_related("unit", "provider").get(pk=outlet.pk)
    return [one.code for one in reasons_against_outlet(fresh, **{**WORK, **work})]


def covering(**place):
    return [outlet.unit.name for outlet in outlets_covering(**place)]


def hours(windows):
    zone = company_zone()
    return [(start.astimezone(zone).strftime("%H:%M"), end.astimezone(zone).strftime("%H:%M")) for start, end in windows]


# --- coverage


def test_an_outlet_serves_its_districts_and_those_below():
    an_area(an_outlet(name="市南"), district="370202")
    an_area(an_outlet(name="全市"), district="370200")
    an_area(an_outlet(name="济南"), district="370100")
    assert sorted(covering(district="370202")) == ["全市", "市南"]
    assert covering(district="370203") == ["全市"]


def test_an_outlet_serves_what_it_drew_and_nothing_beside():
    an_area(an_outlet(name="画的", latitude=36.1, longitude=120.4), polygon=SQUARE)
    assert covering(latitude=36.1, longitude=120.45) == ["画的"]
    assert covering(latitude=36.1, longitude=120.51) == []


def test_an_outlet_without_areas_serves_its_radius_and_its_district():
    an_outlet(name="近", latitude=36.07, longitude=120.38)
    an_outlet(name="远", latitude=36.07, longitude=120.60)
    an_outlet(name="宽", latitude=36.07, longitude=120.61, radius_km=40)
    an_outlet(name="同区", district="370202")
    assert covering(latitude=36.07, longitude=120.40) == ["近", "宽"]
    assert covering(district="370202") == ["同区"]


def test_coverage_asks_for_the_product_line_and_leaves_out_who_has_ended():
    an_outlet(name="洗衣机", district="370202", product_lines=["washing_machine"])
    an_outlet(name="空调", district="370202", product_lines=["air_conditioner"])
    an_outlet(name="都做", district="370202")
    end_outlet(an_outlet(name="走了", district="370202").pk, reason="合同到期", actor=SYSTEM)
    assert sorted(covering(district="370202", product_line="washing_machine")) == ["洗衣机", "都做"]


def test_nothing_known_of_the_place_covers_nothing():
    an_outlet(name="近", latitude=36.07, longitude=120.38)
    assert covering() == []


def test_coverage_costs_the_same_for_many_outlets():
    for number in range(12):
        an_area(an_outlet(name=f"网点{number}", latitude=36.1, longitude=120.4), polygon=SQUARE)
    with CaptureQueriesContext(connection) as queries:
        found = outlets_covering(latitude=36.1, longitude=120.4)
        assert len([(one.unit.code, one.provider) for one in found]) == 12
    assert len(queries) <= 2


# --- what speaks against


def test_nothing_speaks_against_a_fresh_outlet_and_its_engineer():
    outlet = an_outlet(provider_id=a_provider().pk)
    assert against_outlet(outlet) == []
    assert against(an_engineer(outlet)) == []


def test_a_suspension_speaks_against_until_it_is_lifted():
    outlet = an_outlet()
    engineer = an_engineer(outlet)
    suspend_outlet(outlet.pk, reason="第二次不达标", actor=SYSTEM)
    assert (against_outlet(outlet), against(engineer)) == (["outlet_suspended"], ["outlet_suspended"])
    lift_suspension(outlet.pk, reason="复检合格", actor=SYSTEM)
    assert (against_outlet(outlet), against(engineer)) == ([], [])


def test_ended_contracts_speak_against():
    provider = a_provider()
    outlet = an_outlet(provider_id=provider.pk)
    change_outlet(outlet.pk, values={"contract_until": TODAY - timedelta(days=1)}, actor=SYSTEM)
    change_provider(provider.pk, values={"status": "ended"}, actor=SYSTEM)
    assert against_outlet(outlet) == ["contract_over", "provider_ended"]
    end_outlet(outlet.pk, reason="到期", actor=SYSTEM)
    assert "outlet_ended" in against_outlet(outlet)


def test_a_product_line_that_an_outlet_does_not_serve_speaks_against():
    assert against_outlet(an_outlet(product_lines=["television"])) == ["product_line"]


def test_an_expired_document_blocks_the_work_that_needs_it_from_the_day_after():
    outlet = an_outlet()
    engineer = an_engineer(outlet, product_lines=("washing_machine", "air_conditioner"))
    a_document(kind="electrician_permit", expires_on=TODAY - timedelta(days=1), engineer_id=engineer.pk)
    a_document(kind="height_permit", expires_on=TODAY - timedelta(days=1), engineer_id=engineer.pk)
    assert against(engineer) == ["document_expired"]
    assert against(engineer, service_type="guidance") == []
    assert against(engineer, service_type="guidance", product_line="air_conditioner") == ["document_expired"]
    a_document(kind="business_licence", expires_on=TODAY, outlet_id=outlet.pk)
    assert against_outlet(outlet) == []
    assert against_outlet(outlet, at=MONDAY + timedelta(days=1)) == ["document_expired"]


def test_a_provider_without_insurance_blocks_its_outlets():
    provider = a_provider()
    outlet = an_outlet(provider_id=provider.pk)
    a_document(kind="liability_insurance", expires_on=TODAY - timedelta(days=1), provider_id=provider.pk)
    with translation.override("en"):
        words = reasons_against_outlet(Outlet.objects.select_related("provider").get(pk=outlet.pk), **WORK)
        assert [(one.code, str(one)) for one in words] == [("document_expired", "expired: liability insurance")]


def test_a_document_that_only_reminds_blocks_nothing():
    outlet = an_outlet()
    a_document(kind="site_lease", expires_on=TODAY - timedelta(days=1), outlet_id=outlet.pk)
    assert against_outlet(outlet) == []


def test_no_skill_an_expired_one_and_one_for_other_work_speak_against():
    engineer = an_engineer(product_lines=())
    assert against(engineer) == ["no_skill"]
    set_skill(engineer.pk, product_line="washing_machine", valid_until=TODAY - timedelta(days=1), actor=SYSTEM)
    assert against(engineer) == ["skill_expired"]
    set_skill(engineer.pk, product_line="washing_machine", service_types=["installation"], actor=SYSTEM)
    assert (against(engineer), against(engineer, service_type="installation")) == (["no_skill"], [])
    assert against(engineer, product_line="") == []


def test_a_licence_that_has_expired_or_is_revoked_speaks_against():
    engineer = an_engineer(licence_issued_on=TODAY - timedelta(days=366), licence_expires_on=TODAY - timedelta(days=1))
    assert against(engineer) == ["licence_expired"]
    other = an_engineer()
    a_posting(other, kind="insult_or_fraud", case_id=a_case().pk)
    assert against(other) == ["licence_revoked"]


def test_who_is_away_off_shift_gone_or_of_no_outlet_is_not_sent():
    engineer = an_engineer()
    an_absence(engineer.staff, days=1)
    assert against(engineer) == ["absent"]
    assert against(an_engineer(shifts={"tue": [["08:00", "18:00"]]})) == ["not_on_shift"]
    gone = an_engineer()
    deactivate_staff(gone.pk, actor=an_administrator())
    assert against(gone) == ["left", "not_on_shift"]
    alone = an_engineer()
    change_engineer(alone.pk, values={"outlet_id": None}, actor=SYSTEM)
    assert against(alone) == ["no_outlet", "not_on_shift"]


def test_a_night_shift_runs_into_the_next_day():
    engineer = an_engineer(shifts={"mon": [["20:00", "24:00"]], "tue": [["00:00", "02:00"]]})
    at_one = datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert against(engineer, at=at_one) == []


def test_reasons_cost_the_same_for_many():
    provider = a_provider()
    outlets = [an_outlet(provider_id=provider.pk) for _ in range(3)]
    for outlet in outlets:
        for _ in range(3):
            an_engineer(outlet)
    engineers = list(Engineer.objects.select_related("staff", "outlet__unit", "outlet__provider"))
    with CaptureQueriesContext(connection) as queries:
        found = reasons_against_engineers(engineers, **WORK)
    assert (len(found), found[engineers[0].pk]) == (9, [])
    assert len(queries) <= 9
    fresh = list(Outlet.objects.select_related("unit", "provider"))
    with CaptureQueriesContext(connection) as queries:
        reasons_against_outlets(fresh, **WORK)
    assert len(queries) <= 2
    with CaptureQueriesContext(connection) as queries:
        capacities_of(engineers, TODAY)
    assert len(queries) <= 7


# --- hours and capacity


def test_an_engineer_works_the_hours_of_his_outlet_unless_he_has_his_own():
    outlet = an_outlet(hours={"mon": [["09:00", "17:00"]]})
    assert hours(opening_windows(outlet, TODAY)) == [("09:00", "17:00")]
    assert hours(working_windows(read(an_engineer(outlet)), TODAY)) == [("09:00", "17:00")]
    own = an_engineer(outlet, shifts={"mon": [["08:00", "12:00"], ["13:00", "19:00"]]})
    assert hours(working_windows(read(own), TODAY)) == [("08:00", "12:00"), ("13:00", "19:00")]
    assert working_windows(read(own), TODAY + timedelta(days=1)) == []


def test_without_hours_of_its_own_an_outlet_keeps_the_calendar_of_its_unit():
    assert hours(opening_windows(an_outlet(), TODAY)) == [("08:00", "20:00")]


def test_a_closure_and_an_absence_cut_the_day():
    outlet = an_outlet()
    engineer = an_engineer(outlet, shifts={"mon": [["08:00", "19:00"]]})
    close_unit_on(outlet.pk, on=TODAY, intervals=[("08:00", "14:00")], actor=an_administrator())
    assert hours(working_windows(read(engineer), TODAY)) == [("08:00", "14:00")]
    an_absence(engineer.staff, starts_at=MONDAY, days=0.05)
    assert hours(working_windows(read(engineer), TODAY)) == [("08:00", "10:00"), ("11:12", "14:00")]


def test_capacity_is_halved_in_warning_rounded_up_and_none_when_revoked_or_expired():
    engineer, case = an_engineer(capacity_per_day=7), a_case()
    assert capacity_of(read(engineer), TODAY) == 7
    a_posting(engineer, kind="improper_charge", case_id=case.pk)
    assert capacity_of(read(engineer), TODAY) == 4
    a_posting(engineer, kind="improper_charge", case_id=case.pk)
    assert capacity_of(read(engineer), TODAY) == 0
    expired = an_engineer(licence_issued_on=date(2025, 1, 1), licence_expires_on=date(2026, 1, 1))
    assert capacity_of(read(expired), TODAY) == 0


def test_capacity_is_that_of_the_policy_when_none_is_set_and_none_off_shift():
    assert capacity_of(read(an_engineer()), TODAY) == 6
    assert capacity_of(read(an_engineer(shifts={"tue": [["08:00", "18:00"]]})), TODAY) == 0
