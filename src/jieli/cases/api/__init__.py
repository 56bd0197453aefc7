"""The API's operations on cases: each translates one request to one action or query."""

from ninja import Router

from jieli.cases.api.acting import router as acting
from jieli.cases.api.passing import router as passing
from jieli.cases.api.promising import router as promising
from jieli.cases.api.reading import router as reading
from jieli.cases.api.receiving import router as receiving

router = Router()
for _part in (receiving, reading, acting, passing, promising):
    router.add_router("", _part)
