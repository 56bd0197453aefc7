"""What the matrix is tried on: rows in one unit, the people around them, and the places at which a role may be held."""

from types import SimpleNamespace

from jieli.cases.actions.passing import accept_pass, offer_pass
from jieli.cases.tests.factories import a_case, a_customer, a_taken_case, an_agent
from jieli.events.actor import SYSTEM, Actor, Grant, customer_actor, import_actor, rule_actor
from jieli.files.models import Evidence
from jieli.notify.models import Notice
from jieli.people.actions import issue_token
from jieli.people.tests.factories import a_person, a_unit, acting, the_root

PLACES = ("own", "root", "other")


class World(SimpleNamespace):
    """Rows by name (`unit`, `root`, `staff`, `case`, `offer`, `customer`, …), `actors` by name, and who holds no role yet."""

    def with_role(self, role, place):
        """Return somebody who has to do with nothing here and holds one role at one place."""
        return Actor("staff", self.stranger.pk, self.stranger.name, (Grant(role, self.paths[place]),))

    def roleless(self):
        """Return somebody who works here, without any role."""
        return Actor("staff", self.stranger.pk, self.stranger.name)


def a_world():
    """Make the rows that many apps need; the clock must stand."""
    root, elsewhere = the_root(), a_unit(name="别处")
    unit = a_unit(name="甲组")
    owner, receiver = an_agent("李雷", unit=unit), an_agent("韩梅", unit=unit)
    stranger = a_person(unit=elsewhere, roles=(), name="陌生人")
    starter = an_agent("接单")
    case = a_taken_case(starter)
    first = offer_pass(case.pk, to=owner, done="问过", next="约", actor=acting(starter))
    accept_pass(first.pk, restatement="要上门", actor=acting(owner))
    case.refresh_from_db()
    assert case.unit == unit
    # The desk of the root held the case; a role elsewhere must not see it for that.
    offer = offer_pass(case.pk, to=receiver, done="问过", next="约", actor=acting(owner))
    token, _plain = issue_token(owner.pk, name="k", role="agent", unit_id=unit.pk, actor=acting(owner))
    return World(
        unit=unit,
        root=root,
        elsewhere=elsewhere,
        staff=owner,
        receiver=receiver,
        stranger=stranger,
        token=token,
        role="agent",
        case=case,
        case_id=case.pk,
        other_case=a_case(),
        offer=offer,
        customer=case.customer,
        evidence=Evidence(case_id=case.pk, customer_sees=False),
        notice=Notice(staff_id=owner.pk),
        paths={"own": unit.path, "root": root.path, "other": elsewhere.path},
        actors={
            "concerned": acting(owner),
            "receiver": acting(receiver),
            "client": customer_actor(case.customer_id, "王芳"),
            "other_client": customer_actor(a_customer().pk, "李四"),
            "system": SYSTEM,
            "rule": rule_actor("assignment"),
            "import": import_actor("desk"),
        },
    )
