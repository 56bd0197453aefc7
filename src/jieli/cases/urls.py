"""Addresses of the desk: lists, cases, acts, the phone form, search."""

from functools import partial

from django.urls import path, register_converter

from jieli.cases.views import acts, case, demo, editing, linking, lists, opening, searching

app_name = "cases"


class CaseNumber:
    """A case number in an address; whether it is one is judged by its check digit, so that a mistyped one says so."""

    regex = "[Jj][-0-9]{5,24}"

    def to_python(self, value: str) -> str:
        """Return the number as it was typed."""
        return value

    def to_url(self, value: str) -> str:
        """Return the number for an address."""
        return value


register_converter(CaseNumber, "case_number")


class _OneOf:
    names: tuple[str, ...] = ()

    def to_python(self, value: str) -> str:
        """Return the name when it is one of ours; an unknown one is no address."""
        if value not in self.names:
            raise ValueError
        return value

    def to_url(self, value: str) -> str:
        """Return the name for an address."""
        return value


def _converter(names: tuple[str, ...]) -> type:
    return type("Name", (_OneOf,), {"regex": "[a-z-]+", "names": names})


for _name, _names in {
    "case_act": acts.ACTS,
    "pass_answer": acts.ANSWERS,
    "promise_act": acts.PROMISE_ACTS,
    "bulk_act": lists.BULK,
}.items():
    register_converter(_converter(tuple(_names)), _name)

urlpatterns = [path("", lists.home, name="home")]
for _view, (_url, _title, _hint) in lists.LISTS.items():
    _path = _url.replace("_", "-")
    urlpatterns += [
        path(f"cases/{_path}/", partial(lists.case_rows, view=_view), name=_url),
        path(f"cases/{_path}/count/", partial(lists.count, view=_view), name=f"{_url}_count"),
    ]
urlpatterns += [
    path("cases/lists/", lists.views, name="views"),
    path("cases/lists/columns/", lists.columns, name="columns"),
    path("cases/lists/<int:view_id>/remove/", lists.drop_view, name="drop_view"),
    path("cases/bulk/<bulk_act:act>/", lists.bulk, name="bulk"),
    path("cases/new/", opening.new, name="new"),
    path("cases/new/callers/", opening.callers, name="callers"),
    path("cases/new/customer/", opening.caller, name="caller"),
    path("cases/<case_number:number>/", case.case_page, name="case"),
    path("cases/<case_number:number>/write/", case.write, name="write"),
    path("cases/<case_number:number>/presence/", case.presence, name="presence"),
    path("cases/<case_number:number>/mentions/", case.people_to_mention, name="mentionable"),
    path("cases/<case_number:number>/hint/", case.promise_hint, name="promise_hint"),
    path("cases/<case_number:number>/elsewhere/", case.elsewhere, name="elsewhere"),
    path("cases/<case_number:number>/edit/", editing.edit, name="edit"),
    path("cases/<case_number:number>/link/", linking.renew, name="renew_link"),
    path("cases/<case_number:number>/acts/<case_act:name>/", acts.act, name="act"),
    path("cases/<case_number:number>/passes/<int:pass_id>/<pass_answer:name>/", acts.answer, name="answer"),
    path("cases/<case_number:number>/promises/<int:promise_id>/", case.promise_story, name="promise"),
    path("cases/<case_number:number>/promises/<int:promise_id>/<promise_act:name>/", acts.promise_act, name="promise_act"),
    path("cases/<case_number:number>/relations/<int:relation_id>/undo/", acts.untie, name="untie"),
    path("cases/of-customer/<int:customer_id>/", case.of_customer, name="of_customer"),
    path("demo/clock/", demo.demo_clock, name="clock"),
    path("search/", searching.search_page, name="search"),
    path("search/suggest/", searching.suggest, name="suggest"),
]
