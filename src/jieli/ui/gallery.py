"""Made-up values for the gallery of components; nothing here is read from the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from jieli.lib import clock

PAGES = {
    "desk": "ui/gallery.html",
    "case": "ui/gallery_case.html",
    "portal": "ui/gallery_portal.html",
    "follow": "ui/gallery_follow.html",
    "login": "ui/login.html",
    "error": "409.html",
}


@dataclass(frozen=True)
class Unit:
    """A unit with a name."""

    name: str


@dataclass(frozen=True)
class Person:
    """Someone with a name."""

    name: str
    unit: Unit | None = None
    pk: int = 0


LI, ZHAO, CHEN, ZHOU = Person("李雷", Unit("客服一组"), 1), Person("赵敏"), Person("陈伟"), Person("周强")
JANE = Person("Jane Doe")


class SampleForm(forms.Form):
    """One field of each kind."""

    subject = forms.CharField(label=gettext_lazy("What is it about"), help_text=gettext_lazy("In the customer's own words."))
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=[("1", "客服一组"), ("2", "客服二组")])
    urgent = forms.ChoiceField(
        label=gettext_lazy("How urgent"),
        widget=forms.RadioSelect,
        choices=[("1", gettext_lazy("Water or current: at once")), ("2", gettext_lazy("Can wait until tomorrow"))],
    )
    told = forms.BooleanField(label=gettext_lazy("The customer has been told"), required=False)
    restatement = forms.CharField(
        label=gettext_lazy("In your own words: what is promised, what comes next?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )


class SampleFilter(forms.Form):
    """Filters above a list."""

    q = forms.CharField(label=gettext_lazy("Contains"), required=False, widget=forms.TextInput(attrs={"type": "search"}))
    stage = forms.ChoiceField(
        label=gettext_lazy("Stage"),
        required=False,
        choices=[("", gettext_lazy("all")), ("intake", gettext_lazy("intake")), ("dispatch", gettext_lazy("dispatch"))],
    )
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), required=False, choices=[("", gettext_lazy("all")), ("1", "客服一组")])


def _promises(now: datetime) -> dict[str, dict[str, Any]]:
    def of(start: float, due: float, **more: Any) -> dict[str, Any]:
        return {"start_at": now + timedelta(minutes=start), "due_at": now + timedelta(minutes=due), **more}

    return {
        "running": of(-60, 160),
        "risk": of(-220, 18),
        "broken": of(-300, -8),
        "kept": of(-300, 60, kept_at=now - timedelta(minutes=30)),
        "late": of(-600, -300, kept_at=now - timedelta(minutes=60)),
        "paused": of(-120, 60, is_paused=True),
        "far": of(-600, 60 * 50),
    }


def _rows(now: datetime) -> list[dict[str, Any]]:
    promises = _promises(now)
    stages = {"intake": _("intake"), "dispatch": _("dispatch"), "visit": _("visit"), "quality": _("quality")}
    lines = [
        ("J-1048-2199-1", "冰箱异响，第二次报修", "刘洋", "VIP", "visit", ZHOU, None, "broken"),
        ("J-1048-2263-7", "洗衣机不排水，显示 E30", "王芳", "金", "dispatch", LI, None, "risk"),
        (
            "J-1048-2264-5",
            "安装预约改期到周末上午，请提前一小时电话联系",
            "陈伟",
            "",
            "intake",
            LI,
            ZHAO,
            "running",
        ),
        ("J-1048-2270-1", "空调内机漏水到楼下，要求先止损", "吴静", "银", "dispatch", ZHAO, None, "risk"),
        (
            "J-1048-2271-0",
            "Invoice shows the wrong company name",
            "Anna Lindqvist",
            "",
            "intake",
            Person("Jane Doe"),
            None,
            "running",
        ),
        ("J-1048-2275-8", "等待备件：排水泵 0021800010", "孙丽", "金", "visit", ZHOU, None, "paused"),
        ("J-1048-2280-4", "回访未联系上，改约晚间", "黄磊", "", "quality", LI, None, "far"),
    ]
    return [
        {
            "id": n,
            "number": number,
            "subject": subject,
            "customer": customer,
            "tier": tier,
            "stage": stages[stage],
            "owner": owner,
            "pending_to": pending,
            "promise": promises[state],
        }
        for n, (number, subject, customer, tier, stage, owner, pending, state) in enumerate(lines, start=1)
    ]


def _talk(now: datetime) -> Sequence[dict[str, Any]]:
    def at(minutes: float) -> datetime:
        return now - timedelta(minutes=minutes)

    return [
        {
            "side": "customer",
            "who": "王芳",
            "at": at(220),
            "text": "水排不出，显示 E30，地上已经有水了。孩子的校服还在里面。",
            "files": [{"url": "#", "name": "E30.jpg"}],
        },
        {
            "side": "staff",
            "who": "李雷",
            "at": at(216),
            "text": "王女士您好，已受理。请先关闭水龙头并拔掉电源。15:30 前回复您上门时间。",
            "delivery": _("sent by text message, delivered"),
        },
        {"side": "event", "at": at(216), "icon": "clock", "text": _("Promised: reply by 15:30 (rule: gold · repair)")},
        {"side": "note", "who": "赵敏", "at": at(60), "text": "同楼栋上月有两台同型号 E30，可能是批次问题，已提醒质控。"},
        {"side": "customer", "who": "王芳", "at": at(12), "text": "好的，谢谢。下午都在家。"},
    ]


def _timeline(now: datetime) -> Sequence[dict[str, Any]]:
    def at(minutes: float) -> datetime:
        return now - timedelta(minutes=minutes)

    return [
        {"at": at(3000), "text": _("Reported on the portal"), "who": "王芳", "icon": "world", "tone": "grey"},
        {"at": at(2996), "text": _("Accepted; first-contact owner is 李雷"), "who": "李雷", "icon": "check", "tone": "ok"},
        {
            "at": at(2990),
            "text": _("Promised: reply by 15:30"),
            "who": "李雷",
            "icon": "clock",
            "tone": "accent",
            "detail": _("Gold customer, repair, working hours; policy promises v7"),
        },
        {"at": at(150), "text": _("At risk: a fifth of the time is left"), "icon": "alert-triangle", "tone": "risk"},
        {"at": at(8), "text": _("Broken: no reply by 15:30; told to 周强"), "icon": "flame", "tone": "bad"},
    ]


OLD_POLICY = """name = "promises"

[[rules]]
kind = "first_reply"
tier = "gold"
minutes = 240
calendar = "office"

[[rules]]
kind = "accept"
minutes = 30
"""
NEW_POLICY = OLD_POLICY.replace("240", "120").replace('calendar = "office"', 'calendar = "office"\nwarn_ratio = 0.8')


def context(page: str, request: HttpRequest) -> dict[str, Any]:
    """Return the made-up context of one gallery page."""
    now = clock.now()
    stages = [
        ("intake", _("intake")),
        ("dispatch", _("dispatch")),
        ("visit", _("visit")),
        ("quality", _("quality")),
        ("settlement", _("settlement")),
    ]
    wrong = SampleForm({"email": "wang@", "unit": "1"}, auto_id="wrong_%s")
    wrong.is_valid()
    if page == "login":
        wrong_login = [
            {"username": "lilei", "password": "demo", "name": "李雷", "role": _("Agent"), "unit": "客服一组"},
            {"username": "zhoujing", "password": "demo", "name": "周静", "role": _("Supervisor"), "unit": "客服一组"},
            {"username": "hanmei", "password": "demo", "name": "韩梅梅", "role": _("Service manager"), "unit": "总部"},
        ]
        return {"demo_logins": wrong_login, "form": forms.Form(), "next": "/"}
    if page == "error":
        return {"message": _("This was changed in the meantime."), "request_id": "3f1c6a0e9b7d"}
    return {
        "user": LI,
        "nav": _nav(),
        "now": now,
        "rows": _rows(now),
        "promises": _promises(now),
        "stages": stages,
        "people": {"li": LI, "zhao": ZHAO, "chen": CHEN, "zhou": ZHOU},
        "talk": _talk(now),
        "public_talk": [entry for entry in _talk(now) if entry["side"] != "note"],
        "timeline": _timeline(now),
        "form": SampleForm(),
        "wrong_form": wrong,
        "filter_form": SampleFilter(request.GET or None),
        "old_policy": OLD_POLICY,
        "new_policy": NEW_POLICY,
        "weeks": [0.91, 0.92, 0.9, 0.94, 0.95, 0.93, 0.96, 0.97],
        "amount": Decimal(1044),
        "debt": Decimal("-12.5"),
        "acts": [
            {"value": "assign", "label": _("Assign"), "icon": "user-share", "preview_url": "/ui/gallery/preview/"},
            {"value": "tag", "label": _("Tag"), "icon": "tag", "preview_url": "/ui/gallery/preview/"},
        ],
        "tabs": [
            {"label": _("Conversation"), "url": "#", "is_current": True},
            {"label": _("Promises"), "url": "#", "count": 3},
            {"label": _("Evidence"), "url": "#", "count": 1},
            {"label": _("History"), "url": "#"},
        ],
        "conflicts": [{"label": _("Subject"), "yours": "洗衣机不排水 E30", "theirs": "洗衣机漏水"}],
        "limit_bytes": 20 * 1024 * 1024,
    }


def _nav() -> dict[str, Any]:
    work, people = _("Work"), _("Customers and people")
    entries = [
        (_("My cases"), "inbox", "m", work, "12", ""),
        (_("At risk"), "alert-triangle", "r", work, "3", "risk"),
        (_("Unit queue"), "stack-2", "q", work, "41", ""),
        (_("Passed to me"), "hand-grab", "p", work, "2", ""),
        (_("Waiting"), "player-pause", "w", work, "", ""),
        (_("Complaints"), "message-exclamation", "", work, "", ""),
        (_("Customers"), "address-book", "c", people, "", ""),
        (_("Staff"), "users", "s", people, "", ""),
        (_("Units"), "sitemap", "u", people, "", ""),
    ]
    return {
        "key": "gallery",
        "main": [
            {
                "label": label,
                "url": f"/ui/gallery/?nav={n}",
                "icon": icon,
                "key": key,
                "group": group,
                "count_url": f"/ui/gallery/count-{count}/" if count else "",
                "tone": tone,
                "is_current": n == 0,
            }
            for n, (label, icon, key, group, count, tone) in enumerate(entries)
        ],
        "new": [
            {"label": _("New case by phone"), "url": "#", "icon": "phone", "key": "n"},
            {"label": _("New case"), "url": "#", "icon": "plus", "key": ""},
        ],
        "person": [{"label": _("My page"), "url": "#", "icon": "user", "key": ""}],
        "bell": {"label": _("Notices"), "url": "#", "key": "i", "count_url": "/ui/gallery/count-5/"},
        "search_url": "/ui/gallery/",
        "suggest_url": "/ui/gallery/suggest/",
        "logout_url": "#",
        "language_url": "/ui/language/",
        "theme_url": "/ui/theme/",
    }


def part(request: HttpRequest, name: str) -> HttpResponse:
    """Answer one fragment of the gallery."""
    if name.startswith("count-"):
        return render(request, "ui/_count.html", {"number": int(name.removeprefix("count-"))})
    if name == "suggest":
        query = request.GET.get("q", "")
        return render(request, "ui/_gallery_suggest.html", {"rows": _rows(clock.now())[:4] if query else []})
    if name == "reveal":
        return HttpResponse("13812348000")
    if name == "preview":
        count = len(request.POST.getlist("ids"))
        text = ngettext("%(count)d case would be changed.", "%(count)d cases would be changed.", count) % {"count": count}
        return render(request, "ui/_gallery_preview.html", {"text": text})
    if name == "toast":
        response = HttpResponse(status=204)
        response.headers["HX-Trigger"] = '{"toast": {"text": "OK", "tone": "ok"}}'
        return response
    if name == "refuse":
        return render(request, "ui/_refused.html", {"message": _("This was changed in the meantime.")}, status=409)
    raise Http404
