"""Files in the browser: permission, headers, ranges, uploads."""

import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jieli.files import access, actions
from jieli.files.models import Evidence
from jieli.files.tests.factories import AGENT, MP3, PDF, a_picture, evidence
from jieli.people.tests.factories import a_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Client:
    """Give the browser of a person who sees case 1 alone, in English."""
    person = a_person(roles=("agent",))
    answer = access._may_see[0]

    def may_see(actor: Any, case_id: int) -> bool:
        return case_id == 1 if actor.id == person.pk and actor.kind == "staff" else answer(actor, case_id)

    monkeypatch.setattr(access, "_may_see", [may_see])
    monkeypatch.setattr(access, "_may_add", [may_see])
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    client.cookies["language"] = "en"
    return client


def content(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def url(kept: Evidence, name: str = "file") -> str:
    return reverse(f"files:{name}", args=[kept.key])


def test_a_file_comes_with_its_bytes_and_armour(agent: Client) -> None:
    picture = a_picture()
    kept = evidence(content=picture, name="漏水.jpg")
    answer = agent.get(url(kept))
    assert content(answer) == picture
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"].startswith("inline; filename*=utf-8''")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert agent.get(url(kept), {"download": ""})["Content-Disposition"].startswith("attachment")


def test_a_pdf_is_downloaded(agent: Client) -> None:
    kept = evidence(content=PDF, name="bill.pdf")
    assert agent.get(url(kept))["Content-Disposition"] == 'attachment; filename="bill.pdf"'
    assert agent.get(url(kept, "thumbnail")).status_code == 404


def test_a_thumbnail_is_small(agent: Client) -> None:
    kept = evidence(content=a_picture(size=(2000, 1000)))
    answer = agent.get(url(kept, "thumbnail"))
    assert answer["Content-Type"] == "image/jpeg"
    assert len(content(answer)) < kept.size


def test_neither_guessing_nor_the_real_address_opens_anothers_file(agent: Client) -> None:
    hidden = evidence(2)
    assert agent.get(reverse("files:file", args=[uuid.uuid4()])).status_code == 404
    assert agent.get(f"/files/{hidden.pk}/").status_code == 404
    assert agent.get(url(hidden)).status_code == 404
    assert agent.get(url(hidden, "thumbnail")).status_code == 404
    assert agent.post(url(hidden, "show"), {"shown": "true"}).status_code == 404
    assert agent.get(reverse("files:of_case", args=[2])).status_code == 404
    assert Client().get(url(hidden)).status_code == 302


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-3", 206, slice(0, 4)),
        ("bytes=4-", 206, slice(4, None)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=100-99999", 206, slice(100, None)),
        ("bytes=9999-", 416, slice(0, 0)),
        ("bytes=5-2", 416, slice(0, 0)),
        ("lines=1-2", 200, slice(None)),
    ],
)
def test_players_get_the_part_they_ask_for(agent: Client, asked: str, status: int, part: slice) -> None:
    kept = evidence(content=MP3, name="call.mp3")
    answer = agent.get(url(kept), headers={"range": asked})
    assert (answer.status_code, content(answer)) == (status, MP3[part])


def test_a_tracking_link_opens_what_is_meant_for_the_customer(agent: Client) -> None:
    inside, shown, other = evidence(), evidence(), evidence(2)
    actions.show_to_customer(shown.pk, shown=True, actor=AGENT)
    nobody = Client()
    assert nobody.get(reverse("files:tracked_file", args=["open", shown.key])).status_code == 200
    assert nobody.get(reverse("files:tracked_thumbnail", args=["open", shown.key])).status_code == 200
    for key in (inside.key, other.key, uuid.uuid4()):
        assert nobody.get(reverse("files:tracked_file", args=["open", key])).status_code == 404
    assert nobody.get(reverse("files:tracked_file", args=["guess", shown.key])).status_code == 404


def upload(client: Client, *files: SimpleUploadedFile, **extra: str) -> Any:
    return client.post(reverse("files:of_case", args=[1]), {"files": list(files), **extra})


def test_files_are_added_and_listed(agent: Client) -> None:
    answer = upload(agent, SimpleUploadedFile("a.jpg", a_picture()), SimpleUploadedFile("b.pdf", PDF))
    assert answer.status_code == 201
    assert answer.content.decode().count("<li") == 2
    page = agent.get(reverse("files:of_case", args=[1])).content.decode()
    assert "a.jpg" in page
    assert "b.pdf" in page
    assert "30 files a case" in page


def test_a_plain_form_goes_back_to_its_page(agent: Client) -> None:
    assert upload(agent, SimpleUploadedFile("a.jpg", a_picture()), next="/cases/1/")["Location"] == "/cases/1/"
    assert upload(agent, SimpleUploadedFile("a.jpg", a_picture()), next="https://evil.example/").status_code == 201


def test_a_refused_upload_says_why(agent: Client) -> None:
    answer = upload(agent, SimpleUploadedFile("photo.jpg", PDF))
    assert answer.status_code == 422
    assert "named like a picture but is a PDF document" in answer.content.decode()
    assert upload(agent).status_code == 409
    assert not Evidence.objects.exists()


def test_a_file_is_shown_to_the_customer_by_a_click(agent: Client) -> None:
    kept = evidence()
    assert "the customer sees it" in agent.post(url(kept, "show"), {"shown": "true"}).content.decode()
    kept.refresh_from_db()
    assert kept.customer_sees
