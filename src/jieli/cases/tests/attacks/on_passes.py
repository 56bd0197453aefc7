"""Invariant 2: the giver runs on until a pass is accepted."""

from jieli.cases.tests.attacks.statements import LAST, Attacks, E, P, event, offer, settle

PASSES: Attacks = {
    "two pending passes": ("unique:cases_pass:cases_one_pending_pass", [P, offer(case_id="{passed}", receiver_id="{third}")]),
    "a pass from somebody who is not the owner": (
        "trigger:cases_pass:cases_pass_changed",
        [E, offer(giver_id="{third}")],
    ),
    "a pass to oneself": ("check:cases_pass:cases_pass_to_another", [E, offer(receiver_id="{owner}")]),
    "a person's pass with the reasons of a rule": (
        "check:cases_pass:cases_pass_reasons_of_rule",
        [E, offer(reasons="'{{}}'")],
    ),
    "a pass without an event": ("trigger:cases_pass:cases_pass_changed", [offer()]),
    "a pass that begins accepted": (
        "trigger:cases_pass:cases_pass_once trigger:cases_pass:cases_pass_changed",
        [E, offer(state="'accepted'", restatement="'x'", settled_at="company_now()", settled_event_id=LAST)],
    ),
    "accept without taking the case": (
        "trigger:cases_pass:cases_pass_changed",
        [P, settle("accepted", ", restatement = 'x'")],
    ),
    "accept without a restatement": (
        "check:cases_pass:cases_pass_accepted_restates trigger:cases_pass:cases_pass_changed",
        [P, settle("accepted")],
    ),
    "decline without a reason": ("check:cases_pass:cases_pass_declined_reason", [P, settle("declined")]),
    "settle by the event of another case": ("trigger:cases_pass:cases_pass_changed", [P, E, settle("withdrawn")]),
    "settle without an event": (
        "check:cases_pass:cases_pass_settled_has_event trigger:cases_pass:cases_pass_changed",
        [P, "update cases_pass set state = 'withdrawn' where id = {offer}"],
    ),
    "a settled pass is opened again": (
        "trigger:cases_pass:cases_pass_once",
        [event("{closed}"), "update cases_pass set restatement = 'better words' where id = {settled}"],
    ),
    "another receiver for an offer": (
        "trigger:cases_pass:cases_pass_once",
        [P, "update cases_pass set receiver_id = {third} where id = {offer}"],
    ),
    "a decision on a pass that went sideways": (
        "check:cases_pass:cases_pass_upward_decided",
        [P, settle("decided", ", decision = 'approved'")],
    ),
    "a proposal without options": ("check:cases_pass:cases_pass_upward_proposes", [E, offer(way="'upward'")]),
    "a decision of another word": (
        "check:cases_pass:cases_pass_decision_known check:cases_pass:cases_pass_upward_decided",
        [P, settle("decided", ", decision = 'perhaps'")],
    ),
    "a state of another word": ("check:cases_pass:cases_pass_state_known", [P, settle("lost")]),
    "a way of another word": ("check:cases_pass:cases_pass_way_known", [E, offer(way="'throw'")]),
    "delete a pass": (
        "privilege:cases_pass:delete trigger:cases_pass:cases_pass_kept trigger:cases_promise:cases_promise_kept",
        ["delete from cases_promise where offer_id = {settled}", "delete from cases_pass where id = {settled}"],
    ),
}
