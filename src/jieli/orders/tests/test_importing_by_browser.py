"""An administrator brings in orders by the browser: checked first, then started, then there."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jieli.intake.actions import uploads
from jieli.intake.models import Upload
from jieli.orders.models import WorkOrder
from jieli.orders.tests.factories import a_file, an_order, an_outlet
from jieli.people.tests.factories import a_company

pytestmark = pytest.mark.django_db


def test_orders_are_checked_then_started_then_there(tmp_path: Path) -> None:
    boss = a_company()
    boss.language = "en"
    boss.save(update_fields=["language"])
    an_outlet("P")
    client = Client(headers={"accept-language": "en"})
    client.force_login(boss)
    page = client.get(reverse("intake:import")).content.decode()
    assert all(f"{kind}.csv" in page for kind in ("outlets", "orders", "complaints"))
    rows = [an_order("R1", weather="雨"), an_order("R2", distance_km="1,234.5"), an_order("R3")]
    file = SimpleUploadedFile("orders.csv", a_file(tmp_path, "orders", rows).read_bytes())
    answer = client.post(reverse("intake:import"), {"file": file, "kind": "orders"})
    upload = Upload.objects.get()
    uploads.check_upload(upload.pk)
    assert not WorkOrder.objects.exists()
    checked = client.get(answer.headers["Location"]).content.decode()
    assert "1,234.5" in checked
    assert "not a distance in kilometres" in checked
    assert "there is no engineer of this code; left empty. 2 rows, lines 2,4" in checked
    assert "weather" in checked
    client.post(reverse("intake:start", args=[upload.pk]))
    uploads.bring_in_upload(upload.pk)
    assert list(WorkOrder.objects.order_by("number").values_list("number", flat=True)) == ["R1", "R3"]
    upload.refresh_from_db()
    assert (upload.state, upload.report["imported"], upload.report["rejected"]) == ("done", 2, 1)
