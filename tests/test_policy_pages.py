"""The pages of policies, for people who are signed in; nothing typed is lost."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from jieli.lib import clock
from jieli.people.tests.factories import a_person
from jieli.policies import dry_run
from jieli.policies.models import PolicyVersion
from jieli.policies.tests.factories import default_source, faster_enquiries

pytestmark = pytest.mark.django_db


def signed_in(role: str) -> Client:
    """Return a browser in which a person with this role over the whole company is signed in; English."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(a_person(roles=(role,)))
    return client


@pytest.fixture
def manager() -> Client:
    return signed_in("manager")


@pytest.fixture
def agent() -> Client:
    return signed_in("agent")


def saved_draft(client: Client, source: str = "", name: str = "promises") -> PolicyVersion:
    answer = client.post(reverse("policies:new", args=[name]), {"source": source or faster_enquiries(), "note": "faster"})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return PolicyVersion.objects.get(started=False)


def test_the_list_shows_every_policy(agent: Client) -> None:
    page = agent.get(reverse("policies:list")).content.decode()
    for version in ("promises v1", "routes v1", "calendars v1", "numbers v1"):
        assert version in page


def test_who_is_not_signed_in_is_asked_to() -> None:
    answer = Client().get(reverse("policies:list"))
    assert answer.status_code == 302


@pytest.mark.parametrize(
    "name",
    [
        "promises", "calendars", "routes", "landing", "assignment", "tiers", "fields", "forbidden_phrases", "numbers",
        "visit-standard", "faults", "prices",
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_policy_can_be_read(agent: Client, name: str, language: str) -> None:
    for query in ("", "?as=text"):
        answer = agent.get(reverse("policies:policy", args=[name]) + query, headers={"accept-language": language})
        assert answer.status_code == 200
    assert agent.get(reverse("policies:version", args=[name, 1])).status_code == 200


def test_the_table_of_promises_reads_like_the_table_of_defaults(agent: Client) -> None:
    page = agent.get(reverse("policies:policy", args=["promises"])).content.decode()
    assert "complaint · Level: not judged yet, 3" in page
    assert "24 h" in page
    assert "120 min" not in page


def test_what_does_not_exist_is_not_found(manager: Client) -> None:
    for address in (
        reverse("policies:policy", args=["nothing"]),
        reverse("policies:version", args=["promises", 99]),
        reverse("policies:draft", args=[10**9]),
        reverse("policies:compare", args=["promises"]) + "?old=1&new=99",
        reverse("policies:compare", args=["promises"]) + "?old=x",
        reverse("policies:new", args=["promises"]) + "?from=99",
        reverse("policies:dry_run", args=[10**9]),
    ):
        assert manager.get(address).status_code == 404


def test_who_may_not_set_policies_is_refused(agent: Client, manager: Client) -> None:
    draft = saved_draft(manager)
    for address in (
        reverse("policies:new", args=["promises"]),
        reverse("policies:draft", args=[draft.pk]),
        reverse("policies:edit", args=[draft.pk]),
        reverse("policies:dry_run", args=[draft.pk]),
    ):
        assert agent.get(address).status_code == 403
    assert agent.post(reverse("policies:start", args=[draft.pk])).status_code == 403
    assert agent.post(reverse("policies:discard", args=[draft.pk])).status_code == 403
    assert "New version" not in agent.get(reverse("policies:policy", args=["promises"])).content.decode()


def test_a_draft_is_written_compared_and_started(manager: Client) -> None:
    editor = manager.get(reverse("policies:new", args=["promises"])).content.decode()
    assert "enquiry-accept" in editor
    draft = saved_draft(manager)
    page = manager.get(reverse("policies:draft", args=[draft.pk])).content.decode()
    assert "Enquiry: accept › Target" in page
    answer = manager.post(reverse("policies:start", args=[draft.pk]), {"starts_at": "", "revision": 1})
    assert answer.headers["location"] == reverse("policies:version", args=["promises", 2])
    page = manager.get(answer.headers["location"]).content.decode()
    assert "in force" in page
    compared = manager.get(reverse("policies:compare", args=["promises"]) + "?old=1&new=2").content.decode()
    assert "Enquiry: accept › Target" in compared
    assert manager.get(reverse("policies:draft", args=[draft.pk])).status_code == 302
    assert manager.get(reverse("policies:edit", args=[draft.pk])).status_code == 302


def test_a_mistake_is_shown_with_its_line_and_nothing_is_lost(manager: Client) -> None:
    wrong = faster_enquiries().replace('mode = "days"', 'mode = "weeks"', 1) + "# my own remark\n"
    answer = manager.post(reverse("policies:new", args=["promises"]), {"source": wrong, "note": "my note"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "rules[4].mode (enquiry-resolve)" in page
    assert "mode = &quot;weeks&quot;" in page
    assert "# my own remark" in page
    assert "my note" in page
    assert not PolicyVersion.objects.filter(started=False).exists()


def test_the_second_to_save_sees_the_difference_and_keeps_the_text(manager: Client) -> None:
    draft = saved_draft(manager)
    address = reverse("policies:edit", args=[draft.pk])
    first = {"source": faster_enquiries(9), "note": "", "revision": 1}
    assert manager.post(address, first).status_code == 302
    second = {"source": faster_enquiries(3) + "# mine\n", "note": "", "revision": 1}
    answer = manager.post(address, second)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "# mine" in page
    assert "target = 9" in page
    assert 'name="revision" value="2"' in page
    assert manager.post(address, {**second, "revision": 2}).status_code == 302
    assert "# mine" in PolicyVersion.objects.get(pk=draft.pk).source


def test_a_start_in_the_past_is_refused_beside_its_field(manager: Client) -> None:
    draft = saved_draft(manager)
    answer = manager.post(reverse("policies:start", args=[draft.pk]), {"starts_at": "2020-01-01T08:00", "revision": 1})
    assert answer.status_code == 422
    assert "never in the past" in answer.content.decode()
    assert not PolicyVersion.objects.get(pk=draft.pk).started


def test_a_start_may_be_planned(manager: Client) -> None:
    draft = saved_draft(manager)
    at = (clock.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    manager.post(reverse("policies:start", args=[draft.pk]), {"starts_at": at, "revision": 1})
    page = manager.get(reverse("policies:policy", args=["promises"])).content.decode()
    assert "planned" in page
    assert "promises v2" in manager.get(reverse("policies:list")).content.decode()


def test_a_draft_is_discarded(manager: Client) -> None:
    draft = saved_draft(manager)
    answer = manager.post(reverse("policies:discard", args=[draft.pk]))
    assert answer.headers["location"] == reverse("policies:policy", args=["promises"])
    assert not PolicyVersion.objects.filter(pk=draft.pk).exists()


def test_a_draft_of_an_older_version_warns_of_what_it_takes_back(manager: Client) -> None:
    old = saved_draft(manager)
    manager.post(reverse("policies:new", args=["promises"]), {"source": faster_enquiries(9), "note": "newer"})
    newer = PolicyVersion.objects.get(note="newer")
    manager.post(reverse("policies:start", args=[newer.pk]), {"starts_at": "", "revision": 1})
    assert "meanwhile promises v2 was started" in manager.get(reverse("policies:draft", args=[old.pk])).content.decode()


def test_a_hostile_text_is_answered_not_broken(manager: Client) -> None:
    for source in ("", "\x00", "[" * 3000, "x" * 500_000, "<script>alert(1)</script>"):
        answer = manager.post(reverse("policies:new", args=["promises"]), {"source": source, "note": ""})
        assert answer.status_code == 422
        assert "<script>alert(1)" not in answer.content.decode()


DUE = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)


def a_row(number: int, *, is_changed: bool) -> dry_run.Row:
    return dry_run.Row(
        case_number=f"J-1000-{number:04d}-1",
        url=f"/cases/{number}/",
        promise_kind="accept",
        old_due=DUE,
        new_due=DUE - timedelta(minutes=8) if is_changed else DUE,
        old_verdict="kept",
        new_verdict="late" if is_changed else "kept",
        old_rule="enquiry-accept",
        new_rule="enquiry-accept",
    )


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(draft: PolicyVersion, month: date) -> Iterator[dry_run.Row]:
        assert month.day == 1
        return (a_row(number, is_changed=number % 2 == 0) for number in range(240))

    monkeypatch.setitem(dry_run._replays, "promises", rows)


@pytest.mark.usefixtures("replay")
def test_a_dry_run_lists_the_changed_promises_page_by_page(manager: Client) -> None:
    draft = saved_draft(manager)
    address = reverse("policies:dry_run", args=[draft.pk])
    page = manager.get(address, {"month": "2026-10"}).content.decode()
    assert "J-1000-0000-1" in page
    assert "J-1000-0001-1" not in page
    assert 'href="/cases/0/"' in page
    assert "kept" in page
    assert "late" in page
    assert "120 in all" in page
    last = manager.get(address, {"month": "2026-10", "after": "100"}).content.decode()
    assert "J-1000-0238-1" in last
    assert "J-1000-0001-1" in manager.get(address, {"month": "2026-10", "show": "all"}).content.decode()


@pytest.mark.usefixtures("replay")
@pytest.mark.parametrize("month", ["2026", "soon", "2999-01", "2026-13", "0001-01"])
def test_a_month_that_is_none_is_refused(manager: Client, month: str) -> None:
    draft = saved_draft(manager)
    assert manager.get(reverse("policies:dry_run", args=[draft.pk]), {"month": month}).status_code == 422


def test_a_policy_that_nobody_can_replay_has_no_dry_run(manager: Client) -> None:
    draft = saved_draft(manager, default_source("tiers").replace("0.3", "0.25").replace("0.2\n", "0.25\n"), "tiers")
    assert manager.get(reverse("policies:dry_run", args=[draft.pk])).status_code == 404


@pytest.mark.parametrize("address", ["list", "policy"])
def test_the_pages_cost_the_same_however_many_versions_there_are(
    manager: Client, address: str, django_assert_max_num_queries: Callable[..., object]
) -> None:
    place = reverse("policies:list") if address == "list" else reverse("policies:policy", args=["promises"])
    for minutes in (3, 4, 5):
        manager.post(reverse("policies:new", args=["promises"]), {"source": faster_enquiries(minutes), "note": str(minutes)})
        draft = PolicyVersion.objects.get(note=str(minutes))
        manager.post(reverse("policies:start", args=[draft.pk]), {"starts_at": "", "revision": 1})
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        assert manager.get(place).status_code == 200


RATES = """table = "2026"
valid_from = 2026-01-01
rates = [
  { product_line = "washer", service_type = "repair", in_warranty = true, from_km = 0, fee_amount = 82.00 },
]
"""


def test_a_policy_without_a_version_has_its_page_and_can_be_drafted() -> None:
    client = signed_in("manager")
    assert "there is no version" in client.get(reverse("policies:policy", args=["rates"])).content.decode()
    assert client.get(reverse("policies:new", args=["rates"])).status_code == 200
    assert client.get(reverse("policies:list")).status_code == 200
    draft = client.post(reverse("policies:new", args=["rates"]), {"source": RATES}, follow=True)
    assert draft.status_code == 200
    assert "washing machine" in draft.content.decode()
    assert client.get(reverse("policies:policy", args=["rates"])).status_code == 200


@pytest.mark.parametrize("name", ["grade", "settlement"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_policies_of_the_month_end_can_be_read(name: str, language: str) -> None:
    client = Client(headers={"accept-language": language})
    client.force_login(a_person(roles=("agent",)))
    assert client.get(reverse("policies:policy", args=[name])).status_code == 200
