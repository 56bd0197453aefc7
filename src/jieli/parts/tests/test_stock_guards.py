import pytest

from jieli.parts.models import Place

pytestmark = pytest.mark.django_db


def test_the_places_outside_are_there():
    assert set(Place.objects.filter(unit=None).values_list("kind", flat=True)) == {*Place.OUTSIDE, "transit"}
