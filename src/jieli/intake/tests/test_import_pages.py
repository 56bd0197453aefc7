"""An administrator brings in a file by the browser: checked first, then started, then there."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jieli.cases.models import Case
from jieli.intake.actions import uploads
from jieli.intake.models import Upload
from jieli.intake.tests.factories import SMALL_HEADER, SMALL_MAPPING, SMALL_ROWS
from jieli.people.models import Staff, Unit
from jieli.people.tests.factories import a_company, a_person, the_root

pytestmark = pytest.mark.django_db


def signed_in(staff: Staff) -> Client:
    client = Client(headers={"accept-language": "en"})
    staff.language = "en"
    staff.save(update_fields=["language"])
    client.force_login(staff)
    return client


def a_log(*more: tuple[str, ...]) -> SimpleUploadedFile:
    text = "".join(",".join(row) + "\n" for row in (SMALL_HEADER, *SMALL_ROWS, *more))
    return SimpleUploadedFile("log.csv", text.encode())


def a_mapping(text: str = SMALL_MAPPING) -> SimpleUploadedFile:
    return SimpleUploadedFile("small.toml", text.encode())


def test_a_history_is_checked_then_started_then_there() -> None:
    client = signed_in(a_company())
    page = client.get(reverse("intake:import"))
    assert page.status_code == 200
    bad = ("9", "yesterday", "open", "Ann", "first", "Firm", "1")
    answer = client.post(reverse("intake:import"), {"file": a_log(bad), "mapping_file": a_mapping(), "kind": ""})
    upload = Upload.objects.get()
    assert answer.headers["Location"] == reverse("intake:upload", args=[upload.pk])
    assert b"being checked" in client.get(answer.headers["Location"]).content
    uploads.check_upload(upload.pk)
    assert not Case.objects.exists()
    checked = client.get(answer.headers["Location"]).content.decode()
    assert "yesterday" in checked
    assert "Import the good rows" in checked
    client.post(reverse("intake:start", args=[upload.pk]))
    client.post(reverse("intake:start", args=[upload.pk]))
    uploads.bring_in_upload(upload.pk)
    uploads.bring_in_upload(upload.pk)
    assert Case.objects.filter(source="small").count() == 2
    upload.refresh_from_db()
    assert (upload.state, upload.report["imported"], upload.report["rejected"]) == ("done", 6, 1)
    assert not (uploads.folder() / upload.path).exists()
    assert b"log.csv" in client.get(reverse("intake:import")).content


def test_an_exchange_file_needs_no_mapping() -> None:
    client = signed_in(a_company())
    file = SimpleUploadedFile("units.csv", b"code,name\nN1,First\nN2,\n")
    client.post(reverse("intake:import"), {"file": file, "kind": "units"})
    upload = Upload.objects.get()
    uploads.check_upload(upload.pk)
    assert not Unit.objects.filter(code="N1").exists()
    client.post(reverse("intake:start", args=[upload.pk]))
    uploads.bring_in_upload(upload.pk)
    assert Unit.objects.filter(code="N1").exists()


@pytest.mark.parametrize(
    ("mapping", "message"),
    [("", "needs a mapping"), (SMALL_MAPPING.replace('"UTC"', '"Moon"'), "line 5"), ("form =", "TOML")],
)
def test_a_missing_or_wrong_mapping_is_said_beside_its_field(mapping: str, message: str) -> None:
    client = signed_in(a_company())
    given = {"file": a_log(), "kind": ""} | ({"mapping_file": a_mapping(mapping)} if mapping else {})
    answer = client.post(reverse("intake:import"), given)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not Upload.objects.exists()
    assert not list(Path(uploads.folder()).glob("*")) if uploads.folder().exists() else True


def test_a_file_that_cannot_be_read_is_refused_with_its_reason() -> None:
    client = signed_in(a_company())
    file = SimpleUploadedFile("log.csv", b"\0" * 1000)
    client.post(reverse("intake:import"), {"file": file, "mapping_file": a_mapping(), "kind": ""})
    upload = Upload.objects.get()
    uploads.check_upload(upload.pk)
    assert b"NUL" in client.get(reverse("intake:upload", args=[upload.pk])).content


def test_only_administrators_see_these_pages() -> None:
    a_company()
    client = signed_in(a_person(unit=the_root(), roles=("manager",)))
    assert client.get(reverse("intake:import")).status_code == 403
    assert client.get(reverse("intake:upload", args=[1])).status_code == 403
    assert client.post(reverse("intake:start", args=[1])).status_code == 403
    assert Client().get(reverse("intake:import")).status_code == 302


def test_the_list_costs_the_same_with_many_files(django_assert_max_num_queries: object) -> None:
    client = signed_in(a_company())
    for _ in range(3):
        client.post(reverse("intake:import"), {"file": a_log(), "mapping_file": a_mapping(), "kind": ""})
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        client.get(reverse("intake:import"))
