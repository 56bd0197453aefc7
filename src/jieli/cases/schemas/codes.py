"""The values which the API of the cases takes for codes, and the texts of several bodies."""

from typing import Annotated, Literal

from pydantic import Field

from jieli.lib.http import kept

Kind = Literal[
    "enquiry", "service", "complaint", "suggestion", "praise", "internal_request", "internal_complaint", "improvement"
]
Status = Literal["open", "waiting", "resolved", "closed", "cancelled"]
Stage = Literal["intake", "dispatch", "visit", "quality", "settlement", "handling", "reply", "callback", "archive", "recovery"]
Channel = Literal["portal", "qr", "email", "phone", "counter", "wechat", "chat", "api", "webhook", "import"]
ServiceType = Literal["design", "guidance", "installation", "repair", "maintenance", "check"]
Severity = Annotated[int, Field(ge=1, le=4, strict=True)]
StaffCode = Annotated[str, kept(64, 1)]
Words = Annotated[str, kept(20_000, 1)]
Reason = Annotated[str, kept(2_000, 1)]
