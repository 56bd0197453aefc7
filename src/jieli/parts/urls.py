"""The addresses of parts."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from jieli.parts.views import machines, master, ordering, places, returns


class PlaceActConverter(StringConverter):
    """What is done at a place."""

    regex = "receive|move|count|scrap"


class OrderActConverter(StringConverter):
    """What is done for a work order."""

    regex = "use|order|reserve|machine"


class MachineActConverter(StringConverter):
    """What is done with a whole machine."""

    regex = "decide|call-off|dispose"


register_converter(MachineActConverter, "machine_act")
register_converter(PlaceActConverter, "place_act")
register_converter(OrderActConverter, "order_act")

app_name = "parts"
urlpatterns = [
    path("parts/", master.part_list, name="list"),
    path("parts/new/", master.edit_part, name="new"),
    path("parts/<int:part_id>/", master.part_detail, name="part"),
    path("parts/<int:part_id>/edit/", master.edit_part, name="edit"),
    path("parts/places/", places.place_list, name="places"),
    path("parts/places/new/", places.new_place, name="new_place"),
    path("parts/places/<int:place_id>/", places.place, name="place"),
    path("parts/places/<int:place_id>/<place_act:act>/", places.act_on_place, name="act_on_place"),
    path("parts/reservations/<int:reservation_id>/release/", places.release_reservation, name="release"),
    path("parts/orders/", ordering.part_orders, name="orders"),
    path("parts/orders/<int:part_order_id>/ship/", ordering.ship, name="ship"),
    path("parts/orders/<int:part_order_id>/receive/", ordering.receive, name="receive"),
    path("parts/orders/<int:part_order_id>/cancel/", ordering.cancel, name="cancel"),
    path("parts/work-orders/<int:order_id>/", ordering.of_order, name="order"),
    path("parts/work-orders/<int:order_id>/<order_act:act>/", ordering.act_on_order, name="act_on_order"),
    path("parts/used/<int:used_part_id>/undo/", ordering.undo, name="undo"),
    path("parts/returns/labels/", returns.labels, name="labels"),
    path("parts/used/<int:used_part_id>/label/", returns.label, name="label"),
    path("parts/used/<int:used_part_id>/correction/", returns.correct, name="correct"),
    path("parts/machines/", machines.machine_list, name="machines"),
    path("parts/machines/<int:machine_return_id>/", machines.machine, name="machine"),
    path("parts/machines/<int:machine_return_id>/<machine_act:act>/", machines.act_on_machine, name="act_on_machine"),
    path("parts/used/<int:used_part_id>/finding/", returns.finding, name="finding"),
    path("parts/returns/", returns.desk, name="returns"),
    path("parts/returns/scan/", returns.scan, name="scan"),
    path("parts/cases/<int:case_id>/", returns.of_case, name="of_case"),
]
