"""Who the person of a session is."""

from django.contrib.auth.backends import ModelBackend

from jieli.people.models import Staff


class StaffBackend(ModelBackend):
    """Django's way of finding the person of a session, who comes with the unit that every page names."""

    def get_user(self, user_id: int) -> Staff | None:
        """Return the person, None when he may not be here any more. One query."""
        staff = Staff.objects.select_related("unit").filter(pk=user_id).first()
        return staff if staff is not None and self.user_can_authenticate(staff) else None
