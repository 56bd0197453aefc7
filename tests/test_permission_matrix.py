"""Who may do what: one table of permissions × roles, one of actions × permissions; nothing is left out (spec, Who uses it).

A permission is asked for a target in one unit, by somebody who holds a role there, above it, or elsewhere only.
"""

import ast
import importlib
import inspect
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import jieli
from jieli.cases.actions.passing import offer_pass
from jieli.cases.tests.factories import a_case, a_customer, a_taken_case, an_agent
from jieli.customers.actions.customers import make_customer
from jieli.events.actor import SYSTEM, Actor, Grant, customer_actor, import_actor, rule_actor
from jieli.events.refusals import NotAllowed, NotFound, Refused
from jieli.files.models import Evidence
from jieli.lib import clock
from jieli.notify.models import Notice
from jieli.people.actions import issue_token
from jieli.people.models import Role
from jieli.people.tests.factories import MONDAY, a_person, a_unit, acting, the_root

PACKAGE = Path(jieli.__file__).parent
LETTERS = {
    "A": "administrator",
    "M": "manager",
    "S": "supervisor",
    "G": "agent",
    "D": "dispatcher",
    "O": "outlet_manager",
    "P": "specialist",
    "Q": "quality",
    "E": "engineer",
    "F": "finance",
    "L": "employee",
    "Y": "mystery_shopper",
    "C": "customer",
}
EVERY = "".join(LETTERS)
DESK = "AMSGDOPQ"


@dataclass(frozen=True)
class Who:
    """Who may: `unit` roles held at the target's unit or above it, `any` roles held anywhere, `root` over the whole company.

    `also` names those who may without a role: concerned (owner, holder), receiver, client, other client, system, rule, import.
    """

    unit: str = ""
    any: str = ""
    root: str = ""
    also: str = ""
    asked: dict[str, Any] = field(default_factory=dict)


SOFTWARE = "system rule import"
HANDLING = Who(unit="AMS", also=f"concerned {SOFTWARE}")
KEEPING = Who(unit="AM")

MAY: dict[str, Who] = {
    "events.may_move_clock": Who(any="A"),
    "policies.may_see_policies": Who(any=EVERY, also=f"concerned receiver {SOFTWARE}"),
    "policies.may_draft_policy": Who(any="AM", also="system"),
    "policies.may_start_policy": Who(any="AM", also="system"),
    "policies.may_try_policy": Who(any="AM"),
    # people
    "people.may_write": Who(any=EVERY, also=f"concerned receiver client other_client {SOFTWARE}"),
    "people.may_see_people": Who(any=EVERY, also=f"concerned receiver {SOFTWARE}"),
    "people.may_see_contact": Who(unit="AMSO", also="concerned"),
    "people.may_manage_unit": KEEPING,
    "people.may_manage_staff": KEEPING,
    "people.may_manage_staff_somewhere": Who(any="AM"),
    "people.may_grant": KEEPING,
    "people.may_set_password": Who(unit="A"),
    "people.may_set_rota": Who(unit="AMSO"),
    "people.may_set_company_duty": Who(root="AM"),
    "people.may_close_unit": KEEPING,
    "people.may_declare_absence": Who(unit="AMSO", also="concerned"),
    "people.may_name_deputy": Who(unit="AMSO", also="concerned"),
    "people.may_see_tokens": Who(unit="A", also="concerned"),
    "people.may_issue_token": Who(unit="A", also="concerned"),
    "people.may_revoke_token": Who(unit="A", also="concerned"),
    "people.may_change_own_profile": Who(also="concerned"),
    # files
    "files.may_see": Who(unit=DESK, also=f"concerned receiver {SOFTWARE}"),
    "files.may_keep": Who(unit=DESK, also=f"concerned receiver client {SOFTWARE}"),
    "files.may_seal": Who(unit=DESK, also=f"concerned receiver client {SOFTWARE}"),
    "files.may_erase": Who(any="AM", also=SOFTWARE),
    # notices
    "notify.may_tell": Who(any=EVERY, also=f"concerned receiver client other_client {SOFTWARE}"),
    "notify.may_read": Who(also="concerned"),
    "notify.may_send_mail": Who(any=EVERY, also=f"concerned receiver client other_client {SOFTWARE}"),
    "notify.may_see_outgoing": Who(any="AMS"),
    "notify.may_resend": Who(any="AMS"),
    "notify.may_subscribe": Who(any="A"),
    # customers
    "customers.may_see_customers": Who(any="AMSGDPQ", also=f"concerned receiver {SOFTWARE}"),
    "customers.may_see_customer": Who(any="AMSGDPQ", unit="O", also=f"concerned receiver client {SOFTWARE}"),
    "customers.may_make_customer": Who(any=EVERY, also=f"concerned receiver client other_client {SOFTWARE}"),
    "customers.may_change_customer": Who(any="AMSGD", also=f"concerned receiver {SOFTWARE}"),
    "customers.may_judge_customer": Who(any="AMS", also=SOFTWARE),
    "customers.may_make_device": Who(any=EVERY, also=f"concerned receiver client other_client {SOFTWARE}"),
    "customers.may_change_device": Who(any="AMSGDOPE", also=f"concerned receiver {SOFTWARE}"),
    "customers.may_unmask": Who(any="AMSGDQE", also="concerned receiver"),
    "customers.may_merge_customers": Who(any="AMS", also=SOFTWARE),
    "customers.may_erase_customer": Who(any="AM"),
    "customers.may_hold_customer": Who(any="AM"),
    "customers.may_record_consent": Who(any="AMSGD", also=f"concerned receiver client other_client {SOFTWARE}"),
    # cases
    "cases.may_open": Who(any=f"{DESK}EFL", also=f"concerned receiver client other_client {SOFTWARE}"),
    "cases.may_see": Who(unit=DESK, also=f"concerned receiver client {SOFTWARE}"),
    "cases.may_write": Who(any=f"{DESK}EFL", also=f"concerned receiver client {SOFTWARE}"),
    "cases.may_lead": Who(unit="AMS"),
    "cases.may_handle": HANDLING,
    "cases.may_take": Who(unit=f"{DESK}E", also="concerned receiver"),
    "cases.may_take_over": Who(unit="AMS"),
    "cases.may_assign": Who(unit="AMS", also=SOFTWARE),
    "cases.may_offer_pass": Who(also="concerned"),
    "cases.may_answer_pass": Who(also="receiver"),
    "cases.may_withdraw_pass": HANDLING,
    "cases.may_promise": HANDLING,
    "cases.may_pause": HANDLING,
    "cases.may_resolve": HANDLING,
    "cases.may_close": HANDLING,
    "cases.may_cancel": Who(unit="AMS", also=f"concerned client {SOFTWARE}"),
    "cases.may_note_reading": Who(also=f"client {SOFTWARE}"),
    "cases.may_reopen": Who(any=f"{DESK}EFL", also=f"concerned receiver client {SOFTWARE}"),
    "cases.may_change": Who(unit=DESK, also=f"concerned receiver {SOFTWARE}"),
    "cases.may_relate": Who(unit=DESK, also=f"concerned receiver {SOFTWARE}"),
    "cases.may_import_history": Who(any="A", also=SOFTWARE),
    "cases.may_import": Who(also="import"),
    # above
    "intake.may_import_files": Who(any="A", also=SOFTWARE),
    "insight.may_see_histories": Who(root=DESK, also=SOFTWARE),
}

# What each action asks. A sentence in round brackets says why an action asks no permission of a person.
ONLY_SOFTWARE = "(only the software itself, which the action checks)"
INSIDE = "(a step of other actions, which asked before)"
OWN = "(touches only rows of the person who acts)"
ACTIONS: dict[str, str] = {
    "events.record": INSIDE,
    "events.record_many": INSIDE,
    "events.append_history": INSIDE,
    "events.move_clock": "may_move_clock",
    "policies.draft_version": "may_draft_policy",
    "policies.change_draft": "may_draft_policy",
    "policies.discard_draft": "may_draft_policy",
    "policies.start_version": "may_start_policy",
    "people.visible_unit": "may_see_people",
    "people.make_unit": "may_manage_unit",
    "people.change_unit": "may_manage_unit",
    "people.close_unit_on": "may_close_unit",
    "people.lift_closure": "may_close_unit",
    "people.ensure_company": ONLY_SOFTWARE,
    "people.found_company": ONLY_SOFTWARE,
    "people.import_unit": ONLY_SOFTWARE,
    "people.import_staff": ONLY_SOFTWARE,
    "people.visible_staff": "may_see_people",
    "people.hire": "may_manage_staff",
    "people.change_staff": "may_manage_staff",
    "people.deactivate_staff": "may_manage_staff",
    "people.reactivate_staff": "may_manage_staff",
    "people.grant_role": "may_grant",
    "people.revoke_role": "may_see_people may_grant",
    "people.change_own_password": "may_change_own_profile",
    "people.choose_language": "may_change_own_profile",
    "people.set_password": "may_set_password",
    "people.declare_absence": "may_declare_absence",
    "people.end_absence": "may_declare_absence",
    "people.name_deputy": "may_name_deputy",
    "people.remove_deputy": "may_name_deputy",
    "people.set_duty_shift": "may_set_rota",
    "people.remove_duty_shift": "may_see_people may_set_rota",
    "people.copy_duty_week": "may_set_rota",
    "people.set_company_duty": "may_set_company_duty",
    "people.issue_token": "may_issue_token",
    "people.revoke_token": "may_see_tokens may_revoke_token",
    "people.token_for_program": ONLY_SOFTWARE,
    "files.keep": "may_keep",
    "files.show_to_customer": "may_see may_keep",
    "files.seal_case_evidence": "may_seal",
    "files.erase_evidence_of_cases": "may_erase",
    "notify.tell": INSIDE,
    "notify.tell_all": "may_tell",
    "notify.announce": "may_tell",
    "notify.send_mail": "may_send_mail",
    "notify.mark_read": "may_read",
    "notify.mark_all_read": OWN,
    "notify.mark_case_read": OWN,
    "notify.choose_mail": OWN,
    "notify.resend_mail": "may_resend",
    "notify.resend_call": "may_resend",
    "notify.subscribe": "may_subscribe",
    "notify.switch_subscription": "may_subscribe",
    "notify.renew_secret": "may_subscribe",
    "notify.erase_of_cases": INSIDE,
    "customers.find_or_make_customer": "may_make_customer",
    "customers.find_or_make_customers": "may_make_customer",
    "customers.make_customer": "may_make_customer may_judge_customer",
    "customers.change_customer": "may_change_customer may_judge_customer",
    "customers.rescore_customer": "may_judge_customer",
    "customers.record_consent": "may_record_consent",
    "customers.set_legal_hold": "may_hold_customer",
    "customers.lift_legal_hold": "may_hold_customer",
    "customers.unmask": "may_unmask",
    "customers.add_contact": "may_change_customer",
    "customers.change_contact": "may_change_customer",
    "customers.end_contact": "may_change_customer",
    "customers.find_or_make_device": "may_make_device",
    "customers.make_device": "may_make_device",
    "customers.change_device": "may_change_device",
    "customers.move_device": "may_change_customer",
    "customers.erase_customer": "may_erase_customer",
    "customers.import_customer": "may_change_customer may_judge_customer",
    "customers.import_device": "may_change_customer",
    "customers.find_or_make_named": "may_change_customer",
    "customers.merge_customers": "may_merge_customers",
    "customers.undo_merge": "may_merge_customers",
    "cases.open_case": "(opens one of open_cases)",
    "cases.open_cases": "(its two ways, receiving and opened_here, ask may_open)",
    "cases.opened_here": "may_open",
    "cases.receive": "may_open",
    "cases.receive_many": "may_open",
    "cases.write_message": "may_write",
    "cases.take_case": "may_take",
    "cases.take_over_case": "may_take_over",
    "cases.move_to_deputy": "may_assign",
    "cases.offer_pass": "may_offer_pass",
    "cases.assign_case": "may_assign",
    "cases.accept_pass": "may_answer_pass",
    "cases.decline_pass": "may_answer_pass",
    "cases.decide_pass": "may_answer_pass",
    "cases.withdraw_pass": "may_withdraw_pass",
    "cases.ask_escort": "may_handle",
    "cases.give_promise": "may_promise",
    "cases.tell_promise": "may_promise",
    "cases.keep_promise": "may_promise",
    "cases.cancel_promise": "may_promise",
    "cases.pause_case": "may_pause",
    "cases.resume_case": "may_pause",
    "cases.change_case": "may_change",
    "cases.move_to_stage": "may_change",
    "cases.resolve_case": "may_resolve",
    "cases.answer_read": "may_note_reading",
    "cases.close_case": "may_close",
    "cases.cancel_case": "may_cancel",
    "cases.reopen_case": "may_reopen",
    "cases.relate_cases": "may_relate",
    "cases.undo_relation": "may_relate",
    "cases.merge_cases": "may_relate",
    "cases.split_case": "may_relate",
    "cases.import_cases": "may_import",
    "cases.keep_view": OWN,
    "cases.forget_view": OWN,
    "cases.note_presence": OWN,
    **dict.fromkeys(
        [
            "cases.advance",
            "cases.answer_given",
            "cases.close_locked",
            "cases.end_promise",
            "cases.end_running",
            "cases.extend_case",
            "cases.give_to_who_is_there",
            "cases.lapse_locked",
            "cases.locked_case",
            "cases.locked_pass",
            "cases.locked_promise",
            "cases.move_locked_to_deputy",
            "cases.name_steward",
            "cases.replan",
            "cases.resume_locked",
            "cases.retarget_to",
            "cases.say",
            "cases.settle",
            "cases.start_promise",
            "cases.withdraw_pending",
        ],
        INSIDE,
    ),
    "intake.import_path": "may_import_files",
    "intake.import_exchange_file": "may_import_files",
    "intake.import_history": "may_import_files",
    "intake.start_upload": "may_import_files",
    "intake.keep_upload": "may_import_files",
    "intake.write_by_link": "(the actor is made from the customer's link; writing asks)",
    "intake.keep_files": "(the actor is made from the customer's link; keeping asks)",
}


# --- the permissions


@dataclass
class World:
    """A target of each kind in one unit, the people around it, and the paths at which a role may be held."""

    targets: dict[str, Any]
    actors: dict[str, Actor]
    paths: dict[str, str]
    stranger: int


@pytest.fixture
def world(db):
    with clock.frozen(MONDAY):
        root, elsewhere = the_root(), a_unit(name="别处")
        unit = a_unit(name="甲组")
        owner, receiver = an_agent("李雷", unit=unit), an_agent("韩梅", unit=unit)
        stranger = a_person(unit=elsewhere, roles=(), name="陌生人")
        starter = an_agent("接单")
        case = a_taken_case(starter)
        from jieli.cases.actions.passing import accept_pass

        first = offer_pass(case.pk, to=owner, done="问过", next="约", actor=acting(starter))
        accept_pass(first.pk, restatement="要上门", actor=acting(owner))
        case.refresh_from_db()
        assert case.unit == unit
        # The desk of the root held the case; a role elsewhere must not see it for that.
        offer = offer_pass(case.pk, to=receiver, done="问过", next="约", actor=acting(owner))
        token, _plain = issue_token(owner.pk, name="k", role="agent", unit_id=unit.pk, actor=acting(owner))
        targets = {
            "unit": unit,
            "root": root,
            "staff": owner,
            "token": token,
            "case": case,
            "case_id": case.pk,
            "offer": offer,
            "customer": case.customer,
            "evidence": Evidence(case_id=case.pk, customer_sees=False),
            "notice": Notice(staff_id=owner.pk),
            "role": "agent",
        }
        actors = {
            "concerned": acting(owner),
            "receiver": acting(receiver),
            "client": customer_actor(case.customer_id, "王芳"),
            "other_client": customer_actor(a_customer().pk, "李四"),
            "system": SYSTEM,
            "rule": rule_actor("assignment"),
            "import": import_actor("desk"),
        }
        yield World(targets, actors, {"own": unit.path, "root": root.path, "other": elsewhere.path}, stranger.pk)


def permissions():
    """Return every may_* function of every policy.py by its name."""
    found = {}
    for file in sorted(PACKAGE.glob("*/policy.py")):
        module = importlib.import_module(f"jieli.{file.parent.name}.policy")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("may_") and function.__module__ == module.__name__:
                found[f"{file.parent.name}.{name}"] = function
    return found


def test_every_permission_is_in_the_table():
    assert sorted(permissions()) == sorted(MAY)
    assert sorted(LETTERS.values()) == sorted(Role.values)


def test_each_role_may_what_the_table_says_and_nothing_else(world, subtests):
    with clock.frozen(MONDAY):
        for name, function in permissions().items():
            who = MAY[name]
            wanted = [name for name in inspect.signature(function).parameters if name != "actor"]
            targets = [world.targets[one] for one in wanted]

            def asked(actor, function=function, targets=targets):
                return function(actor, *targets)

            for place, path in world.paths.items():
                expected = {"own": who.unit + who.any, "root": who.unit + who.any + who.root, "other": who.any}[place]
                found = "".join(
                    letter
                    for letter, role in LETTERS.items()
                    if asked(Actor("staff", world.stranger, "陌生人", (Grant(role, path),)))
                )
                with subtests.test(f"{name}, role held at {place}"):
                    assert found == "".join(letter for letter in LETTERS if letter in expected)
            with subtests.test(f"{name}, without a role"):
                assert {one for one, actor in world.actors.items() if asked(actor)} == set(who.also.split())
            with subtests.test(f"{name}, a person without any role"):
                roleless = asked(Actor("staff", world.stranger, "陌生人"))
                assert roleless == (name in FOR_EVERY_PERSON)


# Everybody who works here may, whatever the role.
FOR_EVERY_PERSON = {
    "people.may_write",
    "people.may_see_people",
    "notify.may_tell",
    "notify.may_send_mail",
    "customers.may_make_customer",
    "customers.may_make_device",
}


def test_nobody_gives_more_than_he_has(world):
    from jieli.people.policy import may_grant

    unit = world.targets["unit"]
    for letter, role in LETTERS.items():
        actor = Actor("staff", world.stranger, "陌生人", (Grant(role, unit.path),))
        assert may_grant(actor, "administrator", unit) == (letter == "A")


# --- the actions


def actions():
    """Return name and called permissions of every public action that takes an actor."""
    found = {}
    for file in [*PACKAGE.glob("*/actions.py"), *PACKAGE.glob("*/actions/*.py")]:
        app = file.relative_to(PACKAGE).parts[0]
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            if "actor" not in [argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)]:
                continue
            called = {
                one.func.id if isinstance(one.func, ast.Name) else one.func.attr
                for one in ast.walk(node)
                if isinstance(one, ast.Call) and isinstance(one.func, ast.Name | ast.Attribute)
            }
            found[f"{app}.{node.name}"] = {name for name in called if name.startswith("may_")}
    return found


def test_every_action_is_in_the_table_and_asks_what_it_says():
    found = actions()
    assert sorted(found) == sorted(ACTIONS)
    asks = {name: set() if text.startswith("(") else set(text.split()) for name, text in ACTIONS.items()}
    assert {name: called for name, called in found.items() if called != asks[name]} == {}


def test_whoever_has_no_right_to_a_case_is_refused_by_each_act(world, subtests):
    from jieli.cases.actions import conversing, owning, passing, progressing, promises, relating

    with clock.frozen(MONDAY):
        case, offer = world.targets["case"], world.targets["offer"]
        promise = case.promises.unended().order_by("id").first()
        other = a_case()
        receiver = offer.receiver
        acts = {
            "write_message": lambda actor: conversing.write_message(case.pk, body="x", visible=True, actor=actor),
            "take_case": lambda actor: owning.take_case(case.pk, actor=actor),
            "take_over_case": lambda actor: owning.take_over_case(case.pk, reason="x", actor=actor),
            "move_to_deputy": lambda actor: owning.move_to_deputy(case.pk, actor=actor),
            "offer_pass": lambda actor: passing.offer_pass(case.pk, to=receiver, done="x", next="y", actor=actor),
            "assign_case": lambda actor: passing.assign_case(case.pk, to=[receiver], actor=actor),
            "accept_pass": lambda actor: passing.accept_pass(offer.pk, restatement="要上门", actor=actor),
            "decline_pass": lambda actor: passing.decline_pass(offer.pk, reason="x", actor=actor),
            "decide_pass": lambda actor: passing.decide_pass(offer.pk, decision="approved", text="x", actor=actor),
            "withdraw_pass": lambda actor: passing.withdraw_pass(offer.pk, actor=actor),
            "ask_escort": lambda actor: passing.ask_escort(case.pk, question="x", actor=actor),
            "give_promise": lambda actor: promises.give_promise(case.pk, kind="arrive", due_at=MONDAY, told=True, actor=actor),
            "tell_promise": lambda actor: promises.tell_promise(promise.pk, how="phone", actor=actor),
            "keep_promise": lambda actor: promises.keep_promise(promise.pk, actor=actor),
            "cancel_promise": lambda actor: promises.cancel_promise(promise.pk, reason="x", actor=actor),
            "pause_case": lambda actor: promises.pause_case(
                case.pk, reason="customer", until=MONDAY, consent=True, actor=actor
            ),
            "resume_case": lambda actor: promises.resume_case(case.pk, actor=actor),
            "change_case": lambda actor: progressing.change_case(case.pk, values={"severity": 1}, revision=None, actor=actor),
            "move_to_stage": lambda actor: progressing.move_to_stage(case.pk, stage="dispatch", actor=actor),
            "resolve_case": lambda actor: progressing.resolve_case(case.pk, answer="x", actor=actor),
            "answer_read": lambda actor: progressing.answer_read(case.pk, actor=actor),
            "close_case": lambda actor: progressing.close_case(case.pk, actor=actor),
            "cancel_case": lambda actor: progressing.cancel_case(case.pk, reason="x", actor=actor),
            "reopen_case": lambda actor: progressing.reopen_case(case.pk, reason="x", actor=actor),
            "relate_cases": lambda actor: relating.relate_cases(case.pk, other_id=other.pk, kind="child_of", actor=actor),
            "merge_cases": lambda actor: relating.merge_cases(case.pk, into_id=other.pk, actor=actor),
            "split_case": lambda actor: relating.split_case(
                case.pk, subject="x", message_ids=[case.messages.first().pk], actor=actor
            ),
        }
        shopper = Actor("staff", world.stranger, "陌生人", (Grant("mystery_shopper", world.paths["own"]),))
        elsewhere = Actor("staff", world.stranger, "陌生人", (Grant("manager", world.paths["other"]),))
        for name, act in acts.items():
            for who, actor in {"shopper": shopper, "elsewhere": elsewhere, "client": world.actors["other_client"]}.items():
                with subtests.test(f"{name} by {who}"), pytest.raises((NotFound, NotAllowed)):
                    act(actor)
        # Who sees the case because it was mentioned to him still may not do what its owner may.
        seen = Actor("staff", world.stranger, "陌生人", (Grant("quality", world.paths["own"]),))
        for name in ("take_over_case", "offer_pass", "accept_pass", "resolve_case", "close_case", "pause_case", "keep_promise"):
            with subtests.test(f"{name} by somebody who only sees it"), pytest.raises(NotAllowed):
                acts[name](seen)


def test_a_judgement_on_a_customer_is_not_slipped_in_with_a_new_one(world):
    agent = Actor("staff", world.stranger, "陌生人", (Grant("agent", world.paths["own"]),))
    with pytest.raises(Refused):
        make_customer(values={"name": "李四", "value": 5}, actor=agent)
