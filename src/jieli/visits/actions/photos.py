"""Photos of a phone: received once by the phone's name, the same bytes on both sides, kept as evidence of the case."""

from datetime import datetime
from hashlib import sha256 as sha256_of
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from jieli.events.actor import Actor
from jieli.events.refusals import require
from jieli.files.actions import Upload, keep
from jieli.files.queries import most_bytes, most_files
from jieli.files.refusals import FileTooLarge, NotThatKind
from jieli.files.rules import clean_name, sniff
from jieli.lib import clock
from jieli.policies.queries import current
from jieli.visits.actions.visiting import order_of
from jieli.visits.models import Photo
from jieli.visits.policy import may_add_photo
from jieli.visits.refusals import IdUsed, PhotoChanged, TooManyPhotos


def keep_photo(
    upload: Upload, *, client_id: UUID, order_number: str, sha256: str, taken_at: datetime | None, actor: Actor
) -> tuple[Photo, bool]:
    """Keep a photo and tell whether it is new; sent again, it is the one we have.

    Raises UnknownOrder, NotAllowed, IdUsed for other bytes under the same name, PhotoChanged when the bytes are not those
    that the phone digested, TooManyPhotos, NotThatKind (HEIC, too: phones send JPEG), and the refusals of files.
    """
    known = Photo.objects.filter(client_id=client_id).first()
    if known is not None:
        return _same(known, sha256, actor), False
    order = order_of(order_number)
    require(may_add_photo(actor, order))
    name = clean_name(upload.name or "photo.jpg")
    if upload.size is not None and upload.size > most_bytes():
        words = {"name": name, "size": round(upload.size / 1024 / 1024, 1), "most": round(most_bytes() / 1024 / 1024)}
        raise FileTooLarge(
            _("“%(name)s” has %(size)s MB; one photo may have at most %(most)s MB. Take it again with the app.") % words
        )
    _refuse_others(upload, name)
    if _digest(upload) != sha256.lower():
        raise PhotoChanged(fields={"sha256": PhotoChanged.message})
    most = current("visit-standard").data.most_photos
    if Photo.objects.filter(order__case_id=order.case_id).count() >= most:
        raise TooManyPhotos(_("This case has %(most)s photos of visits already, the most that there may be.") % {"most": most})
    try:
        with transaction.atomic():
            evidence = keep(upload, case_id=order.case_id, actor=actor, taken_at=taken_at, most=most + most_files())
            photo = Photo.objects.create(
                client_id=client_id,
                order=order,
                staff_id=actor.id or 0,
                evidence=evidence,
                sha256=evidence.sha256,
                taken_at=evidence.taken_at,
                received_at=clock.now(),
            )
    except IntegrityError:
        # The same photo came by another connection at the same time; ours was rolled back.
        return _same(Photo.objects.get(client_id=client_id), sha256, actor), False
    return photo, True


def _same(known: Photo, sha256: str, actor: Actor) -> Photo:
    if known.sha256 != sha256.lower() or known.staff_id != actor.id:
        raise IdUsed
    return known


def _digest(upload: Upload) -> str:
    digest = sha256_of()
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _refuse_others(upload: Upload, name: str) -> None:
    """Refuse by the first bytes what is no photo that browsers can show."""
    head = next(iter(upload.chunks(8192)), b"")
    no_photo = NotThatKind(_("“%(name)s” is no photo. Take the photo with the app.") % {"name": name})
    try:
        found = sniff(head, name=name)
    except NotThatKind:
        # What a file should be called instead helps nobody here: it would be no photo by that name, either.
        raise no_photo from None
    if found.kind != "image":
        raise no_photo
    if found.content_type == "image/heic":
        raise NotThatKind(
            _("“%(name)s” is a HEIC picture, which browsers cannot show. Take the photo with the app, which sends JPEG.")
            % {"name": name}
        )
