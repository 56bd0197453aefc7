"""The composer."""

from django import forms
from django.utils.translation import gettext_lazy as _

from jieli.cases.forms.acts import ActForm
from jieli.cases.forms.fields import LocalDateTimeField, words_field


class WriteForm(ActForm):
    """The composer: words for the customer or a note between colleagues, and the next promised time."""

    side = forms.ChoiceField(choices=[("reply", _("To the customer")), ("note", _("Note"))], initial="reply")
    body = words_field(_("Message"), rows=4)
    next_reply_at = LocalDateTimeField(label=_("Next reply by"), required=False)
    in_spite = forms.BooleanField(required=False)
