"""What happens around every request: id, headers, refusals, health."""

from django.test import override_settings
from django.urls import path

from jieli.config.worker import beat
from jieli.events.refusals import Invalid, NotFound


def refuse(request):
    raise Invalid(fields={"due_at": "too late"})


def hide(request):
    raise NotFound


def fail(request):
    raise RuntimeError("password=hush")


urlpatterns = [path("api/v1/refuse", refuse), path("refuse", refuse), path("hide", hide), path("api/v1/fail", fail)]
handler500 = "jieli.config.errors.broken"
handler404 = "jieli.config.errors.not_found"

here = override_settings(ROOT_URLCONF=__name__)


def test_the_process_is_up(client):
    assert client.get("/healthz").content == b"ok\n"


def test_it_is_ready_with_a_worker(client, db):
    assert client.get("/readyz").json() == {"database": "ok", "migrations": "ok", "worker": "never seen"}
    beat("test")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["worker"]) == (200, "ok")


def test_a_proxys_request_id_is_kept(client):
    assert client.get("/healthz", headers={"X-Request-ID": "from-the-proxy"}).headers["X-Request-ID"] == "from-the-proxy"


def test_an_odd_request_id_is_replaced(client):
    assert client.get("/healthz", headers={"X-Request-ID": "a\tb"}).headers["X-Request-ID"] != "a\tb"


def test_no_script_from_elsewhere(client):
    policy = client.get("/healthz").headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy


@here
def test_the_api_says_why_it_refused(client, db):
    answer = client.get("/api/v1/refuse", headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert answer.json() == {"code": "invalid", "message": "Please check what you entered.", "fields": {"due_at": "too late"}}


@here
def test_a_page_says_why_it_refused(client, db):
    answer = client.get("/refuse", headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert "Please check what you entered." in answer.text


@here
def test_a_hidden_row_is_not_found(client, db):
    assert client.get("/hide").status_code == 404


@here
def test_a_broken_api_call_tells_nothing_of_the_inside(client, db):
    client.raise_request_exception = False
    answer = client.get("/api/v1/fail")
    assert answer.status_code == 500
    assert answer.json()["code"] == "error"
    assert "hush" not in answer.text
