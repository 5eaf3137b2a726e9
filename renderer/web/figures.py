"""Pictures on anybody's pages: what the ``{% figure %}`` tag shows, and the address its script asks.

The address is signed, not guarded: whoever was shown a page with a figure may learn when its picture is there. It
names a job and nothing else, and the answer is a state and the picture's own address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.db.models.fields.files import ImageFieldFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from renderer.jobs.targets import Target
from renderer.models import Chart, RenderJob
from renderer.models.job import Status
from renderer.web import links

SALT = "renderer.web.figures"
GOOD_FOR = timedelta(days=1)
"""A page that was open for longer is to be loaded again."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to show of an image field: the last good picture, the latest job, and where to ask after it."""

    url: str
    width: int | None
    height: int | None
    alt: str
    job: RenderJob | None

    @property
    def poll(self) -> str:
        """The signed address, while there is something to wait for."""
        return reverse("figure-state", args=[sign(self.job)]) if self.job and not self.job.is_final else ""

    @property
    def state(self) -> str:
        """The latest job's status; without any job, whether a picture is there."""
        return self.job.status if self.job else Status.SUCCEEDED.value if self.url else "none"


def shown(image: ImageFieldFile) -> Shown:
    """What to show of an image field of a saved row."""
    if image.instance.pk is None:
        return Shown("", None, None, "", None)
    target = Target.of(image.instance, image.field.name)
    job = target.jobs().defer("recipe").first()
    if isinstance(image.instance, Chart):  # has no public address
        picture = links.pictures([image.instance]).get(image.instance.pk)
        if picture:
            return Shown(picture.url, picture.width, picture.height, picture.alt, job)
        return Shown("", None, None, image.instance.label, job)
    if not image:
        return Shown("", None, None, "", job)
    width, height = _size(image, target, job)
    return Shown(image.url, width, height, "", job)


def sign(job: RenderJob) -> str:
    """A job's id, for an address that anybody may hold but nobody can make."""
    return signing.dumps(job.pk.hex, salt=SALT)


@require_GET
@never_cache
def state(request: HttpRequest, signed: str) -> HttpResponse:
    """How the picture of a signed job's target stands: ``{"state": ..., "url": ...}``; 404 if it is gone."""
    try:
        job_id = UUID(signing.loads(signed, salt=SALT, max_age=GOOD_FOR))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        raise Http404 from None
    asked = RenderJob.objects.defer("recipe").filter(pk=job_id).first()
    if asked is None:
        raise Http404
    target = Target.of_job(asked)
    instance = target.instance()
    if instance is None:
        raise Http404
    now = shown(getattr(instance, target.field))
    return JsonResponse({"state": now.state, "url": now.url or None})


def _size(image: ImageFieldFile, target: Target, job: RenderJob | None) -> tuple[int | None, int | None]:
    """Width and height in CSS pixels: of the rendition that is shown, or else what the file says."""
    drawn = job if job and job.status == Status.SUCCEEDED else target.jobs().filter(status=Status.SUCCEEDED).first()
    rendition = drawn.renditions.filter(on_target=True, file=image.name).first() if drawn else None
    if rendition:
        return round(rendition.width / rendition.scale), round(rendition.height / rendition.scale)
    try:
        return image.width, image.height
    except (OSError, ValueError):
        return None, None
