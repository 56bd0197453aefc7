"""The people of the demo company: an appliance maker's service with desks, regions and outlets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from jieli.events.actor import SYSTEM
from jieli.people import actions
from jieli.people.models import Staff, Unit
from jieli.people.queries import local_date, local_midnight
from jieli.people.rules import DEMO_PASSWORD
from jieli.policies.actions import draft_version, start_version
from jieli.policies.queries import current


@dataclass(frozen=True, slots=True)
class Company:
    """Units and staff by code; `desks` maps each desk's unit code to those who take its cases."""

    units: dict[str, Unit]
    staff: dict[str, Staff]
    desks: dict[str, list[str]] = field(default_factory=dict)


# code, name, kind, parent
UNITS: Sequence[tuple[str, str, str, str]] = (
    ("care", "客户服务部", "department", "hq"),
    ("care-1", "客服一组", "department", "care"),
    ("care-2", "客服二组", "department", "care"),
    ("quality", "质量管理部", "department", "hq"),
    ("finance", "结算部", "department", "hq"),
    ("parts", "备件部", "department", "hq"),
    ("east", "华东区域中心", "regional_centre", "hq"),
    ("south", "华南区域中心", "regional_centre", "hq"),
)

# code, name, unit, roles, phone
STAFF: Sequence[tuple[str, str, str, tuple[str, ...], str]] = (
    ("manager", "林志远", "hq", ("manager",), "13901000002"),
    ("supervisor", "韩梅梅", "care", ("supervisor",), "13901000003"),
    ("leader1", "沈佳怡", "care-1", ("supervisor",), "13901000004"),
    ("leader2", "吴建国", "care-2", ("supervisor",), "13901000005"),
    ("agent", "李雷", "care-1", ("agent",), "13901000006"),
    ("zhaomin", "赵敏", "care-1", ("agent",), "13901000007"),
    ("zhouqiang", "周强", "care-1", ("agent",), "13901000008"),
    ("sunli", "孙丽", "care-1", ("agent",), "13901000009"),
    ("emma", "Emma Clarke", "care-2", ("agent",), "13901000010"),
    ("qianwei", "钱伟", "care-2", ("agent",), "13901000011"),
    ("zhengjie", "郑洁", "care-2", ("agent",), "13901000012"),
    ("dispatcher", "马超", "care", ("dispatcher",), "13901000013"),
    ("quality", "何静", "quality", ("quality",), "13901000014"),
    ("finance", "高翔", "finance", ("finance",), "13901000015"),
    ("finance2", "邓雨桐", "finance", ("finance",), "13901000019"),
    ("lab", "段工", "quality", ("quality",), "13901000020"),
    ("specialist", "罗文", "parts", ("specialist", "employee"), "13901000016"),
    ("east", "许东升", "east", ("supervisor",), "13901000017"),
    ("south", "陈南生", "south", ("supervisor",), "13901000018"),
)
LEADERS = {
    "hq": "manager",
    "care": "supervisor",
    "care-1": "leader1",
    "care-2": "leader2",
    "quality": "quality",
    "finance": "finance",
    "parts": "specialist",
    "east": "east",
    "south": "south",
}
WHOLE_COMPANY = {
    "finance": "finance",
    "finance2": "finance",
    "quality": "quality",
    "lab": "quality",
    "specialist": "specialist",
    "dispatcher": "dispatcher",
}
"""Whose role concerns the whole company."""

DEMO_LOGINS = {
    "admin", "manager", "supervisor", "agent", "zhaomin", "emma", "specialist", "quality", "finance", "finance2", "dispatcher",
    "owner-01", "engineer",
}  # fmt: skip


def found() -> Company:
    """Found the company: units with their leaders, staff with demo logins."""
    founder = actions.found_company(
        unit_code="hq", unit_name="海澜电器服务总部", code="admin", name="管理员", password=DEMO_PASSWORD
    )
    units = {"hq": founder.unit}
    for code, name, kind, parent in UNITS:
        units[code] = actions.make_unit(
            code=code, name=name, kind=kind, parent_id=units[parent].pk, calendar="desk", actor=SYSTEM
        )
    staff = {"admin": founder}
    leaders = dict(LEADERS)
    for code, name, unit, roles, phone in STAFF:
        staff[code] = hire(code, name, units[unit], roles, phone)
    for code, role in WHOLE_COMPANY.items():
        actions.grant_role(staff[code].pk, role=role, unit_id=founder.unit.pk, actor=SYSTEM)
    for unit, leader in leaders.items():
        actions.change_unit(units[unit].pk, leader_id=staff[leader].pk, actor=SYSTEM)
    founder.custom = {**founder.custom, "demo_login": True}
    founder.save(update_fields=["custom"])
    open_logins()
    actions.set_company_duty(staff_id=staff["manager"].pk, actor=SYSTEM)
    return Company(
        units,
        staff,
        {"care-1": ["agent", "zhaomin", "zhouqiang", "sunli"], "care-2": ["emma", "qianwei", "zhengjie"]},
    )


def open_logins() -> None:
    """Let all demo logins have the founder's password: it stands on the login page, and to digest it for each takes seconds."""
    founder = Staff.objects.get(code="admin")
    Staff.objects.filter(custom__demo_login=True).update(password=founder.password)


LANDING = """
[[rules]]
name = "second-desk"
label = { zh = "咨询与建议", en = "Enquiries and suggestions" }
kind = ["enquiry", "suggestion", "praise"]
to_unit = "care-2"

[[rules]]
name = "first-desk"
label = { zh = "其他", en = "Everything else" }
to_unit = "care-1"
"""


# One rule is automatic, so that it is seen living: what the second desk answers goes to whom it suits best by itself.
ASSIGNMENT = """
[[rules]]
name = "second-desk"
label = { zh = "咨询与建议自动指派", en = "Enquiries and suggestions, offered by themselves" }
kind = ["enquiry", "suggestion", "praise"]
automatic = true
roles = ["agent"]
needs = ["language"]
prefers = ["skill"]
earlier_owner_first = true
most_load = 12

[[rules]]
name = "everything-else"
label = { zh = "其他等待领取", en = "Everything else waits to be taken" }
automatic = false
roles = ["agent"]
needs = ["language"]
prefers = ["skill", "area"]
most_load = 60
"""
SKILLS = {
    "emma": {"languages": ["en", "zh"], "product_lines": ["television", "kitchen"]},
    "qianwei": {"product_lines": ["washing_machine", "refrigerator", "air_conditioner"]},
    "zhengjie": {"product_lines": ["television", "refrigerator", "water_heater", "kitchen"]},
    "agent": {"product_lines": ["washing_machine", "refrigerator"]},
    "zhaomin": {"languages": ["zh", "en"], "product_lines": ["air_conditioner", "water_heater"]},
    "zhouqiang": {"product_lines": ["television", "kitchen"]},
    "sunli": {"product_lines": ["washing_machine", "air_conditioner", "kitchen"]},
}


def desk_of(kind: str) -> str:
    """Return the unit in which a case of this kind lands, as the demo's landing policy says."""
    return "care-2" if kind in ("enquiry", "suggestion", "praise") else "care-1"


def set_landing() -> None:
    """Start the policies by which cases land at the two desks, and those of the second are offered by themselves, once."""
    if current("landing").data.rules:
        return
    for name, source, note in (("landing", LANDING, "两个客服组分工"), ("assignment", ASSIGNMENT, "客服二组自动指派")):
        draft = draft_version(name, source=source, actor=SYSTEM, note=note)
        start_version(draft.pk, actor=SYSTEM)


def hire(code: str, name: str, unit: Unit, roles: Sequence[str], phone: str) -> Staff:
    """Hire somebody; who is named among the demo's logins can sign in after `open_logins`."""
    return actions.hire(
        code=code,
        name=name,
        unit_id=unit.pk,
        roles=roles,
        phone=phone,
        language="en" if name.isascii() else "zh-hans",
        product_lines=SKILLS.get(code, {}).get("product_lines", ()),
        languages=SKILLS.get(code, {}).get("languages", ()),
        custom={"demo_login": True} if code in DEMO_LOGINS else {},
        actor=SYSTEM,
    )


def plan_rota(company: Company, *, from_at: datetime, days: int) -> None:
    """Put somebody on duty for both desks, in two shifts from 08:00 to 20:00, each day; nights fall to the leaders."""
    first = local_date(from_at)
    for offset in range(days):
        midnight = local_midnight(first + timedelta(days=offset))
        for code, people in company.desks.items():
            for shift, hour in enumerate((8, 14)):
                person = people[(offset * 2 + shift) % len(people)]
                actions.set_duty_shift(
                    company.units[code].pk,
                    staff_id=company.staff[person].pk,
                    starts_at=midnight + timedelta(hours=hour),
                    ends_at=midnight + timedelta(hours=hour + 6),
                    actor=SYSTEM,
                )
