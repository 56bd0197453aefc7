"""Windows that are really free: inside the hours of people who may do the work, without what they have already."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from jieli.cases.models import Pass
from jieli.dispatch.models import Appointment, AppointmentQuerySet, Offer
from jieli.dispatch.rules.windows import Window, is_worked, seats_left, touch, window_with, windows_of_day
from jieli.lib import clock
from jieli.network.models import Engineer, Outlet
from jieli.network.queries.dispatchable import reasons_against_engineers, shares_of
from jieli.network.queries.shifts import opening_of, windows_of
from jieli.people.queries import company_zone, local_date, local_midnight
from jieli.policies.queries import current

_OF_THE_HOUR = frozenset({"not_on_shift", "absent"})


@dataclass(frozen=True, slots=True)
class Slot:
    """A window of a day: how many more visits fit in; `why` says why none does: ``closed``, ``nobody``, ``full`` or ``past``.

    ``nobody``: the outlet has engineers, and none of them may do this work.
    """

    starts_at: datetime
    ends_at: datetime
    free: int
    why: str = ""

    @property
    def is_free(self) -> bool:
        """Tell whether a visit fits in."""
        return self.free > 0


@dataclass(frozen=True, slots=True)
class SlotDay:
    """The windows of a day, with how many orders of the outlet's (or the engineer's) capacity are taken."""

    on: date
    slots: list[Slot]
    taken: int
    capacity: int

    @property
    def free(self) -> int:
        """Return how many of its windows are free."""
        return sum(slot.is_free for slot in self.slots)

    @property
    def is_over(self) -> bool:
        """Tell whether all its windows have passed, or begin too soon."""
        return all(slot.why == "past" for slot in self.slots)


def free_slots(
    outlet_id: int,
    *,
    product_line: str,
    days: int | None = None,
    engineer_id: int | None = None,
    service_type: str = "",
    since: date | None = None,
    ignoring: int | None = None,
    orders: int = 1,
) -> list[Slot]:
    """Return the free windows of an outlet, or of one of its engineers, from a day on (today). As `slot_days`."""
    found = slot_days(
        outlet_id,
        product_line=product_line,
        days=days,
        engineer_id=engineer_id,
        service_type=service_type,
        since=since,
        ignoring=ignoring,
        orders=orders,
    )
    return [slot for day in found for slot in day.slots if slot.is_free]


def slot_days(
    outlet_id: int,
    *,
    product_line: str,
    days: int | None = None,
    engineer_id: int | None = None,
    service_type: str = "",
    since: date | None = None,
    ignoring: int | None = None,
    orders: int = 1,
) -> list[SlotDay]:
    """Return all windows of the next days with what is free in them; `ignoring` is a case that would give up its place.

    A window is free when at least half of it lies in the working hours of somebody who may do the work, who has room in it and
    that day, when the outlet has room that day, and when its beginning lies the policy's notice ahead. Every current
    appointment takes its place, accepted or not, that of an engineer who is being asked, too. A visit that is over frees its
    window, and stays a part of what the outlet and the engineer can do that day. An outlet of which no engineers
    are known goes by its hours and its capacity. Cost: fourteen queries, and five a day; none more for more engineers or
    appointments.
    """
    policy = current("dispatch").data.slots
    first = since or local_date(clock.now())
    span = [first + timedelta(days=number) for number in range(days or policy.days_shown)]
    place = _place(outlet_id, engineer_id, product_line, service_type)
    if place is None:
        return []
    held = _held(outlet_id, [one.pk for one in place.engineers], span, ignoring)
    earliest = clock.now() + timedelta(minutes=policy.notice_minutes)
    return [_day(place, on, held, earliest, orders) for on in span]


@dataclass(frozen=True, slots=True)
class _Place:
    outlet: Outlet
    engineers: list[Engineer]
    shares: dict[int, int]
    is_manned: bool
    one: bool


@dataclass(frozen=True, slots=True)
class _Held:
    engineer_id: int | None
    outlet_id: int | None
    window: Window
    orders: int
    is_over: bool


def _place(outlet_id: int, engineer_id: int | None, product_line: str, service_type: str) -> _Place | None:
    outlet = Outlet.objects.select_related("unit", "provider").filter(pk=outlet_id).first()
    if outlet is None:
        return None
    theirs = Engineer.objects.working().filter(outlet_id=outlet_id)
    engineers = list(theirs.select_related("staff", "outlet__unit", "outlet__provider"))
    is_manned = bool(engineers)
    if engineer_id is not None:
        engineers = [one for one in engineers if one.pk == engineer_id]
    against = reasons_against_engineers(engineers, product_line=product_line, service_type=service_type, at=clock.now())
    able = [one for one in engineers if not {reason.code for reason in against[one.pk]} - _OF_THE_HOUR]
    return _Place(outlet, able, shares_of(able), is_manned, engineer_id is not None)


def _held(outlet_id: int, engineer_ids: Collection[int], span: Sequence[date], ignoring: int | None) -> list[_Held]:
    begins, ends = local_midnight(span[0]), local_midnight(span[-1] + timedelta(days=2))
    asked = _asked(engineer_ids)
    touching = Appointment.objects.held().but_current_of(ignoring).touching(begins, ends)
    return _read(touching.filter(Q(outlet_id=outlet_id) | Q(engineer_id__in=engineer_ids) | Q(case_id__in=asked)), asked)


def _asked(engineer_ids: Collection[int]) -> dict[int, int]:
    """Return the engineer who is being asked for each case: until he answers, the time is kept for him. One query."""
    rows = Offer.objects.filter(baton__state=Pass.State.OFFERED, engineer_id__in=engineer_ids)
    return {case_id: engineer_id for case_id, engineer_id in rows.values_list("case_id", "engineer_id") if engineer_id}


def _read(rows: AppointmentQuerySet, asked: Mapping[int, int]) -> list[_Held]:
    fields = ("case_id", "engineer_id", "outlet_id", "starts_at", "ends_at", "orders", "state")
    found = []
    for case_id, engineer_id, outlet_id, starts_at, ends_at, orders, state in rows.values_list(*fields):
        is_over = state == Appointment.State.DONE
        # Who is asked now is asked for the visit that is to come.
        whose = engineer_id if is_over else asked.get(case_id, engineer_id)
        found.append(_Held(whose, outlet_id, (starts_at, ends_at), orders, is_over))
    return found


def _day(place: _Place, on: date, held: Sequence[_Held], earliest: datetime, orders: int) -> SlotDay:
    cut = _cut(on)
    today = [one for one in held if local_date(one.window[0]) == on]
    counter = _Counter(place, on, today)
    slots = []
    for window in cut:
        free, why = counter.free(window, orders)
        if window[0] < earliest:
            free, why = 0, "past"
        slots.append(Slot(window[0], window[1], free, why))
    taken, capacity = counter.filled()
    return SlotDay(on, slots, taken, capacity)


def _cut(on: date) -> list[Window]:
    """Return the windows of the policy on a day."""
    policy = current("dispatch").data.slots
    return windows_of_day(
        on, first_from=policy.first_from, last_until=policy.last_until, minutes=policy.minutes, zone=company_zone()
    )


def window_at(at: datetime) -> Window:
    """Return the policy's window in which an instant lies; outside all of them one of the usual length begins with it."""
    return window_with(at, _cut(local_date(at)), minutes=current("dispatch").data.slots.minutes)


class _Counter:
    """What fits into the windows of one day."""

    def __init__(self, place: _Place, on: date, held: Sequence[_Held]) -> None:
        self.place = place
        self.hours = windows_of(place.engineers, on) if place.engineers else {}
        self.opening = opening_of([place.outlet], on)[place.outlet.pk].hours
        self.at_outlet = [one for one in held if one.outlet_id == place.outlet.pk]
        self.of: dict[int, list[_Held]] = defaultdict(list)
        for one in held:
            if one.engineer_id is not None:
                self.of[one.engineer_id].append(one)
        slots = current("dispatch").data.slots
        self.a_window = slots.orders_per_engineer
        self.a_day = orders_a_day(place.outlet)

    def free(self, window: Window, orders: int) -> tuple[int, str]:
        """Return how many more visits fit into a window, or why none does."""
        if not self.place.is_manned:
            if not is_worked(window, self.opening):
                return 0, "closed"
            room = self.a_day - sum(one.orders for one in self.at_outlet) - orders + 1
            return (room, "") if room > 0 else (0, "full")
        if not self.place.engineers:
            return 0, "nobody"
        there = [one for one in self.place.engineers if is_worked(window, self.hours.get(one.pk, ()))]
        if not there:
            return 0, "closed"
        seats = sum(self._seats(one.pk, window, orders) for one in there)
        if not self.place.one:
            nobodys = [one for one in self.at_outlet if one.engineer_id is None and not one.is_over]
            seats -= sum(touch(window, one.window) for one in nobodys)
        room = self.a_day - sum(one.orders for one in self.at_outlet) - orders + 1
        free = min(seats, room)
        return (free, "") if free > 0 else (0, "full")

    def _seats(self, engineer_id: int, window: Window, orders: int) -> int:
        has = self.of[engineer_id]
        return seats_left(
            window,
            taken=[one.window for one in has if not one.is_over],
            a_window=self.a_window,
            a_day=self.place.shares[engineer_id],
            today=sum(one.orders for one in has) + orders - 1,
        )

    def filled(self) -> tuple[int, int]:
        """Return the orders taken that day and how many may be."""
        if self.place.one:
            share = next(iter(self.place.shares.values()), 0)
            return sum(one.orders for of in self.of.values() for one in of), share
        return sum(one.orders for one in self.at_outlet), self.a_day


def window_state(
    outlet: Outlet,
    window: Window,
    *,
    product_line: str,
    service_type: str = "",
    engineer_id: int | None = None,
    ignoring: int | None = None,
    orders: int = 1,
) -> str:
    """Return why a window, also one chosen freely, is not free: as `Slot.why`, empty when it is. As `slot_days`."""
    place = _place(outlet.pk, engineer_id, product_line, service_type)
    if place is None:
        return "closed"
    on = local_date(window[0])
    held = _held(outlet.pk, [one.pk for one in place.engineers], [on], ignoring)
    counter = _Counter(place, on, [one for one in held if local_date(one.window[0]) == on])
    return counter.free(window, orders)[1]


def orders_a_day(outlet: Outlet) -> int:
    """Return how many orders an outlet takes a day: its own number, else that of the policy."""
    return current("dispatch").data.slots.orders_a_day if outlet.capacity_per_day is None else outlet.capacity_per_day


def orders_held(outlet_ids: Collection[int], on: date) -> dict[int, int]:
    """Return how many orders each outlet has on a day, by id. One query."""
    begins, ends = local_midnight(on), local_midnight(on + timedelta(days=1))
    found: defaultdict[int, int] = defaultdict(int)
    rows = Appointment.objects.held().filter(outlet_id__in=outlet_ids, starts_at__gte=begins, starts_at__lt=ends)
    for outlet_id, orders in rows.values_list("outlet_id", "orders"):
        found[outlet_id or 0] += orders
    return dict(found)


def orders_of_engineers(staff_ids: Collection[int], on: date, *, ignoring: int | None = None) -> dict[int, list[_Held]]:
    """Return what each engineer has on a day, or is being asked for, by id; `ignoring` is a case. Two queries."""
    begins, ends = local_midnight(on), local_midnight(on + timedelta(days=1))
    asked = _asked(staff_ids)
    rows = Appointment.objects.held().but_current_of(ignoring).filter(starts_at__gte=begins, starts_at__lt=ends)
    rows = rows.filter(Q(engineer_id__in=staff_ids) | Q(case_id__in=asked))
    found: defaultdict[int, list[_Held]] = defaultdict(list)
    for held in _read(rows, asked):
        found[held.engineer_id or 0].append(held)
    return dict(found)
