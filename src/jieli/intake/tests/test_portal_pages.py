"""The portal: a need comes in once, its customer follows it by a link that nobody else has."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jieli.cases.actions.conversing import write_message
from jieli.cases.actions.owning import take_case
from jieli.cases.actions.progressing import close_case, resolve_case
from jieli.cases.actions.relating import merge_cases
from jieli.cases.models import Case, Message, Promise
from jieli.cases.rules.numbers import case_number
from jieli.cases.tests.factories import a_customer, a_taken_case, an_agent, an_opened
from jieli.customers.models import Customer, Device
from jieli.events.models import Event
from jieli.files.models import Evidence
from jieli.files.tests.factories import HTML, a_picture
from jieli.intake.queries.following import followed
from jieli.intake.rules.needs import NEEDS, subject_of
from jieli.intake.views import guarding
from jieli.lib import clock
from jieli.notify.models import Notice
from jieli.people.tests.factories import MONDAY, acting, the_root

pytestmark = pytest.mark.django_db

REPORT = "/report/repair/"
PHONE = "138 0013 8000"


@pytest.fixture(autouse=True)
def monday(db: None) -> Iterator[None]:
    guarding.forget()
    the_root()
    with clock.frozen(MONDAY):
        yield
    guarding.forget()


@pytest.fixture
def stranger() -> Client:
    """Give the browser of somebody without an account, in English."""
    return Client(headers={"accept-language": "en"})


def answers(**values: Any) -> dict[str, Any]:
    """Return a whole form for a repair."""
    given = {
        "once": str(uuid.uuid4()),
        "product_line": "洗衣机",
        "serial": "",
        "description": "洗衣机不排水，显示 E30。昨天开始的。",
        "address": "杭州市西湖区文三路 123 号",
        "name": "王芳",
        "phone": PHONE,
    }
    return given | values


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[:2000]
    return str(response.content.decode())


def link_of(response: Any) -> str:
    """Return the customer's link to which a sent report leads."""
    assert response.status_code == 302, response.content.decode()[:4000]
    found = re.fullmatch(r"(/t/J-[0-9-]+/[\w-]+)/thanks", response["Location"])
    assert found, response["Location"]
    return found.group(1)


def test_strangers_find_three_ways_in_and_staff_their_work(stranger: Client) -> None:
    page = text(stranger.get("/"))
    assert "/report/" in page
    assert "/follow/" in page
    assert "/login" in page
    stranger.force_login(an_agent())
    assert stranger.get("/").status_code == 302


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("need", NEEDS, ids=lambda need: need.code)
def test_each_need_has_its_questions_in_both_languages(need: Any, language: str) -> None:
    client = Client(headers={"accept-language": language})
    assert str(need.code) in text(client.get("/report/"))
    page = text(client.get(f"/report/{need.code}/"))
    assert ('name="address"' in page) == need.asks_address
    assert ('name="serial"' in page) == need.asks_device


def test_an_unknown_need_is_no_page(stranger: Client) -> None:
    assert stranger.get("/report/nothing/").status_code == 404


def test_a_report_opens_a_case_with_owner_time_and_photo(stranger: Client) -> None:
    photo = SimpleUploadedFile("drum.jpg", a_picture(), "image/jpeg")
    sent = stranger.post(REPORT, answers(files=photo, serial="xqg 100", custom_display_code="E30", custom_still_usable="no"))
    link = link_of(sent)
    case = Case.objects.get()
    assert case.number in link
    assert (case.kind, case.service_type, case.channel) == ("service", "repair", "portal")
    assert case.subject == "洗衣机不排水，显示 E30"
    assert case.custom == {"display_code": "E30", "still_usable": False}
    assert case.customer.phone_digits == "13800138000"
    assert case.device is not None
    assert case.device.serial == "XQG100"
    assert case.language == "en"
    assert Evidence.objects.get(case_id=case.pk).message_id == Message.objects.get(case=case).pk
    thanks = text(stranger.get(f"{link}/thanks"))
    assert case.number in thanks
    assert link in thanks
    assert case.owner.name in thanks
    assert Promise.objects.filter(case=case, told_at__isnull=False).exists()
    page = text(stranger.get(link))
    assert "洗衣机不排水" in page
    assert "/thumbnail/" in page
    assert case.owner.name in page


def test_the_code_of_a_link_is_kept_only_as_a_digest(stranger: Client) -> None:
    code = link_of(stranger.post(REPORT, answers())).rsplit("/", 1)[-1]
    case = Case.objects.get()
    assert code not in str(Case.objects.filter(pk=case.pk).values().get())
    assert not any(code in str(event.data) for event in Event.objects.of_case(case.pk))
    assert not Message.objects.filter(source_id__contains=code).exists()


def test_the_same_form_sent_twice_leads_to_the_same_case(stranger: Client) -> None:
    form = answers()
    first = link_of(stranger.post(REPORT, form))
    second = link_of(stranger.post(REPORT, form))
    assert first == second
    assert Case.objects.count() == 1
    assert Message.objects.count() == 1


def test_a_scanned_code_fills_the_device_in(stranger: Client) -> None:
    Device.objects.create(serial="XQG100A1", product_line="滚筒洗衣机", model="XQG100-12S")
    page = text(stranger.get(f"{REPORT}?serial=XQG100A1"))
    assert "XQG100A1" in page
    assert "滚筒洗衣机" in page
    link_of(stranger.post(f"{REPORT}?serial=XQG100A1", answers(serial="XQG100A1")))
    assert Case.objects.get().channel == "qr"


def test_who_gives_the_serial_number_of_a_known_device_need_not_say_what_it_is(stranger: Client) -> None:
    Device.objects.create(serial="XQG100A1", product_line="washing_machine", model="XQG100-12S")
    Device.objects.create(serial="NOLINE1", model="?")
    unknown = stranger.post(REPORT, answers(serial="ZZZ9", product_line=""))
    without_line = stranger.post(REPORT, answers(serial="NOLINE1", product_line=""))
    assert [set(one.context["form"].errors) for one in (unknown, without_line)] == [{"product_line"}] * 2
    link_of(stranger.post(REPORT, answers(serial="xqg 100a1", product_line="")))
    assert Case.objects.get().product_line == "washing_machine"


def test_the_same_need_of_the_same_contact_joins_the_open_case_and_gives_no_link(stranger: Client) -> None:
    link_of(stranger.post(REPORT, answers()))
    again = stranger.post(REPORT, answers(phone="+86 138-0013-8000", description="洗衣机不排水，显示 E30！"))
    case = Case.objects.get()
    assert again.status_code == 302
    assert again["Location"] == f"/report/joined/{case.number}/"
    assert case.number in text(stranger.get(again["Location"]))
    assert Message.objects.filter(case=case, direction="in").count() == 2


def test_the_same_device_joins_whatever_the_words(stranger: Client) -> None:
    link_of(stranger.post(REPORT, answers(serial="A1")))
    again = stranger.post(REPORT, answers(serial="a 1", description="声音很大，像飞机起飞"))
    assert "/report/joined/" in again["Location"]


def test_another_need_of_the_same_contact_opens_another_case(stranger: Client) -> None:
    link_of(stranger.post(REPORT, answers()))
    link_of(stranger.post(REPORT, answers(description="空调漏水到楼下", product_line="空调")))
    complaint = answers(description="洗衣机不排水，显示 E30。没人来")
    link_of(stranger.post("/report/complaint/", complaint))
    assert Case.objects.count() == 3


def test_a_need_reported_again_after_its_result_reopens_the_case(stranger: Client) -> None:
    link_of(stranger.post(REPORT, answers()))
    case = Case.objects.get()
    resolve_case(case.pk, answer="已经修好了", actor=acting(case.owner))
    stranger.post(REPORT, answers())
    case.refresh_from_db()
    assert (case.status, case.reopened) == ("open", 1)


def test_a_known_phone_with_another_name_changes_nothing_and_says_so(stranger: Client) -> None:
    a_customer("王芳", phone="13800138000")
    link_of(stranger.post(REPORT, answers(name="李四")))
    assert Customer.objects.get(phone_digits="13800138000").name == "王芳"
    assert "李四" in Message.objects.get().body


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", "110"),
        ("phone", "call me"),
        ("description", " "),
        ("name", ""),
        ("address", ""),
        ("product_line", ""),
        ("description", "长" * 5001),
        ("website", "http://spam.example"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_typed_is_lost(stranger: Client, field: str, value: str) -> None:
    page = text(stranger.post(REPORT, answers(**{field: value})), 422)
    assert "j-alert" in page
    assert "文三路" in page or field == "address"
    assert not Case.objects.exists()


def test_control_characters_are_taken_out(stranger: Client) -> None:
    link_of(stranger.post(REPORT, answers(description="水\u202e排不出\x07")))
    assert Message.objects.get().body == "水排不出"


def test_a_file_that_is_no_picture_is_refused_but_the_case_stands(stranger: Client) -> None:
    trick = SimpleUploadedFile("photo.jpg", HTML, "image/jpeg")
    link = link_of(stranger.post(REPORT, answers(files=trick)))
    assert not Evidence.objects.exists()
    assert "photo.jpg" in text(stranger.get(f"{link}/thanks"))


def test_one_address_cannot_flood(stranger: Client) -> None:
    statuses = [stranger.post(REPORT, answers(phone="")).status_code for _ in range(25)]
    assert statuses[0] == 422
    assert statuses[-1] == 429
    assert stranger.post(REPORT, answers(), REMOTE_ADDR="203.0.113.9").status_code == 302


# --- following


def test_the_page_tells_owner_time_and_words_but_never_a_note(stranger: Client) -> None:
    lilei = an_agent("李雷")
    opened = an_opened()
    take_case(opened.case_id, actor=acting(lilei))
    write_message(opened.case_id, body="明天上午上门", visible=True, actor=acting(lilei))
    write_message(opened.case_id, body="这位客户很难缠", visible=False, actor=acting(lilei))
    page = text(stranger.get(f"/t/{opened.number}/{opened.tracking_code}"))
    assert "李雷" in page
    assert "明天上午上门" in page
    assert "难缠" not in page
    assert "promises v" not in page


def test_opening_the_link_reads_nothing_but_the_button_does(stranger: Client) -> None:
    opened = an_opened()
    resolve_case(opened.case_id, answer="修好了", actor=acting(Case.objects.get().owner))
    link = f"/t/{opened.number}/{opened.tracking_code}"
    stranger.get(link)
    assert Message.objects.get(direction="out").read_at is None
    assert stranger.get(f"{link}/read").status_code == 405
    assert stranger.post(f"{link}/read").status_code == 302
    assert Message.objects.get(direction="out").read_at is not None


def test_the_customer_writes_once_with_photos(stranger: Client) -> None:
    opened = an_opened()
    link = f"/t/{opened.number}/{opened.tracking_code}"
    form = {"body": "孩子的校服还在里面", "once": str(uuid.uuid4())}
    photo = SimpleUploadedFile("a.jpg", a_picture(), "image/jpeg")
    assert stranger.post(f"{link}/write", form | {"files": photo}).status_code == 302
    assert stranger.post(f"{link}/write", form).status_code == 302
    assert Message.objects.filter(case_id=opened.case_id, direction="in").count() == 2
    kept = Evidence.objects.get(case_id=opened.case_id)
    token = f"{opened.number}~{opened.tracking_code}"
    assert stranger.get(f"/files/of/{token}/{kept.key}/").status_code == 200
    assert stranger.get(f"/files/of/{opened.number}~wrong/{kept.key}/").status_code == 404
    assert stranger.get(f"/files/{kept.key}/").status_code == 302


def test_an_empty_message_is_asked_for_words(stranger: Client) -> None:
    opened = an_opened()
    link = f"/t/{opened.number}/{opened.tracking_code}"
    assert stranger.post(f"{link}/write", {"body": " "}).status_code == 422


def test_photos_need_no_words_and_the_owner_is_told_all_the_same(stranger: Client) -> None:
    opened = an_opened()
    link = f"/t/{opened.number}/{opened.tracking_code}"
    photo = SimpleUploadedFile("a.jpg", a_picture(), "image/jpeg")
    assert stranger.post(f"{link}/write", {"body": "", "files": photo}).status_code == 302
    assert Message.objects.filter(case_id=opened.case_id, direction="in").count() == 2
    assert Notice.objects.filter(case_id=opened.case_id).exists()


def test_the_customer_calls_it_off_and_reopens(stranger: Client) -> None:
    opened = an_opened()
    link = f"/t/{opened.number}/{opened.tracking_code}"
    assert stranger.post(f"{link}/cancel", {"reason": ""}).status_code == 422
    assert stranger.post(f"{link}/cancel", {"reason": "自己修好了"}).status_code == 302
    assert Case.objects.get().status == "cancelled"
    assert stranger.post(f"{link}/write", {"body": "喂"}).status_code == 409
    assert stranger.post(f"{link}/reopen", {"reason": "又坏了"}).status_code == 302
    case = Case.objects.get()
    assert case.status == "open"
    assert case.next_due_at is not None


def test_after_the_days_of_the_policy_a_new_need_is_reported(stranger: Client) -> None:
    opened = an_opened()
    owner = acting(Case.objects.get().owner)
    resolve_case(opened.case_id, answer="修好了", actor=owner)
    close_case(opened.case_id, actor=owner)
    link = f"/t/{opened.number}/{opened.tracking_code}"
    assert f"{link}/reopen" in text(stranger.get(link))
    with clock.frozen(MONDAY + timedelta(days=15)):
        assert f"{link}/reopen" not in text(stranger.get(link))
        assert stranger.post(f"{link}/reopen", {"reason": "又坏了"}).status_code == 409


def test_a_merged_case_leads_to_the_one_under_which_it_goes_on(stranger: Client) -> None:
    customer = a_customer()
    first = an_opened(customer=customer)
    second = an_opened(customer=customer, subject="还是不排水")
    other = an_opened(customer=a_customer("陈伟"), description="陈伟的秘密")
    merge_cases(first.case_id, into_id=second.case_id, actor=acting(Case.objects.get(pk=first.case_id).owner))
    page = text(stranger.get(f"/t/{first.number}/{first.tracking_code}"))
    assert second.number in page
    assert "还是不排水" in page
    merge_cases(second.case_id, into_id=other.case_id, actor=acting(Case.objects.get(pk=second.case_id).owner))
    page = text(stranger.get(f"/t/{second.number}/{second.tracking_code}"))
    assert other.number in page
    assert "陈伟的秘密" not in page
    assert stranger.post(f"/t/{second.number}/{second.tracking_code}/write", {"body": "喂"}).status_code == 200
    assert not Message.objects.filter(body="喂").exists()


# --- strangers


def test_unknown_numbers_and_wrong_codes_get_the_same_answer(stranger: Client) -> None:
    opened = an_opened()
    wrong = text(stranger.get(f"/t/{opened.number}/wrong"), 404)
    unknown = text(stranger.get(f"/t/{case_number(99_999_999)}/wrong"), 404)
    plain = [re.sub(r"J-[0-9-]+|value=\"[\w]{64}\"|\"X-CSRFToken\": \"\w+\"", "", page) for page in (wrong, unknown)]
    assert plain[0] == plain[1]


def test_a_mistyped_number_says_check_the_number(stranger: Client) -> None:
    opened = an_opened()
    wrong = opened.number[:-1] + str((int(opened.number[-1]) + 1) % 10)
    assert "check the number" in text(stranger.get(f"/t/{wrong}/{opened.tracking_code}"), 404)
    assert "check the number" in text(stranger.post("/follow/", {"number": wrong, "code": "x"}), 422)


def test_number_and_code_or_a_pasted_link_lead_to_the_case(stranger: Client) -> None:
    opened = an_opened()
    link = f"/t/{opened.number}/{opened.tracking_code}"
    plain = opened.number.replace("-", " ").lower()
    assert stranger.post("/follow/", {"number": plain, "code": opened.tracking_code})["Location"] == link
    assert stranger.post("/follow/", {"number": f"https://service.example{link}"})["Location"] == link
    assert stranger.post("/follow/", {"number": opened.number, "code": "no"}).status_code == 422
    assert stranger.post("/follow/", {"number": opened.number}).status_code == 422


def test_guessing_codes_comes_to_an_end(stranger: Client) -> None:
    opened = an_opened()
    statuses = [stranger.get(f"/t/{opened.number}/guess{n}").status_code for n in range(25)]
    assert statuses[0] == 404
    assert statuses[-1] == 429
    assert stranger.get(f"/t/{opened.number}/{opened.tracking_code}").status_code == 429
    assert stranger.get(f"/t/{opened.number}/{opened.tracking_code}", REMOTE_ADDR="203.0.113.9").status_code == 200


def test_the_link_of_one_case_opens_no_other_of_the_same_customer(stranger: Client) -> None:
    customer = a_customer()
    mine, other = an_opened(customer=customer), an_opened(customer=customer, subject="空调漏水")
    assert stranger.get(f"/t/{other.number}/{mine.tracking_code}").status_code == 404
    assert other.number not in text(stranger.get(f"/t/{mine.number}/{mine.tracking_code}"))


@pytest.mark.parametrize("page", ["", "/thanks"])
def test_the_pages_of_a_link_stay_out_of_caches_engines_and_foreign_logs(stranger: Client, page: str) -> None:
    opened = an_opened()
    response = stranger.get(f"/t/{opened.number}/{opened.tracking_code}{page}")
    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("address", [REPORT, "/follow/", "/t/J-0000-0001-3/x/write", "/t/J-0000-0001-3/x/cancel"])
def test_no_form_is_taken_from_another_site(address: str) -> None:
    assert Client(enforce_csrf_checks=True).post(address, answers()).status_code == 403


def test_the_page_costs_the_same_however_much_hangs_on_it(django_assert_max_num_queries: Any) -> None:
    lilei = an_agent()
    case = a_taken_case(lilei)
    for n in range(12):
        write_message(case.pk, body=f"第 {n} 次", visible=True, actor=acting(lilei))
    shown = Case.objects.select_related("owner", "customer").get(pk=case.pk)
    with django_assert_max_num_queries(11):
        followed(shown, "x~y")


def test_the_first_sentence_is_the_subject() -> None:
    assert subject_of("水排不出。显示 E30") == "水排不出"
    assert subject_of("It leaks. A lot") == "It leaks"
    assert subject_of("长" * 200) == "长" * 59 + "…"
    assert subject_of("。。") == "。。"
