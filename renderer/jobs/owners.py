"""The end of an owner: a person, or a workspace, with everything that is theirs.

Rows go by their foreign keys, in one transaction; files when it is committed. A worker that still draws for them finds
its row gone and stops. What is left is one line in the operator's audit log, and backups as long as they are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.core.files.storage import default_storage
from django.db import transaction

from renderer import audit, storage
from renderer.jobs import charts, datasets, exports, lifecycle, pictures
from renderer.jobs.targets import Target
from renderer.jobs.versions import delete_files
from renderer.models import Chart, Dataset, Export, Membership, Origin, Overview, RenderJob, Rendition, Workspace
from renderer.models.audit import Action
from renderer.models.job import ACTIVE
from renderer.models.membership import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class Refused(Exception):
    """They cannot be deleted as things are. The message is a sentence for a person."""


def held_by(owner: User) -> dict[str, int]:
    """What goes with them."""
    return {
        "charts": Chart.objects.filter(owner=owner, is_draft=False).count(),
        "datasets": Dataset.objects.filter(owner=owner).count(),
    }


def refuse_to_delete(owner: User) -> None:
    """Raise Refused if a workspace of several people would be left without an owner, or the site without anybody who
    runs it."""
    people = get_user_model()
    for workspace in _only_owned_by(owner):
        if workspace.memberships.exclude(user=owner).exists():
            raise Refused(f"You are the only owner of “{workspace}”. Make somebody else an owner first, or delete it.")
    if (
        owner.is_superuser
        and not people.objects.filter(is_superuser=True, is_active=True).exclude(pk=owner.pk).exists()
    ):
        raise Refused("You are the only one who runs this site. Let somebody else do so first.")


def delete(owner: User) -> None:
    """Delete an owner, with the workspaces that nobody else is in. Raises Refused."""
    name = owner.get_username()
    with transaction.atomic():
        refuse_to_delete(owner)
        for workspace in _only_owned_by(owner):
            empty(workspace.account)
            workspace.account.delete()
        empty(owner)
        get_user_model().objects.get(pk=owner.pk).delete()
        audit.note(Action.OWNER_DELETED, None, name)


def empty(owner: User) -> None:
    """Let go of what has files, by the verbs that know them."""
    lifecycle.cancel_all(RenderJob.objects.filter(owner=owner, status__in=ACTIVE))
    for chart in Chart.objects.filter(owner=owner).iterator(chunk_size=100):
        charts.delete(chart)
    for dataset in Dataset.objects.filter(owner=owner):
        datasets.delete(dataset)
    for export in Export.objects.filter(owner=owner):
        exports.drop(export)
    for overview in Overview.objects.filter(owner=owner):
        pictures.forget(Target.of(overview, "image"))
    for name in Origin.objects.filter(owner=owner).values_list("file", flat=True):
        storage.delete_on_commit(default_storage, name)
    # Pictures on a project's own models stay there, as they are; what lies beside them goes.
    for job in RenderJob.objects.filter(owner=owner).defer("recipe"):
        delete_files(Target.of_job(job), Rendition.objects.filter(job=job, on_target=False))


def _only_owned_by(owner: User) -> list[Workspace]:
    mine = Workspace.objects.filter(memberships__user=owner, memberships__role=Role.OWNER)
    others = Membership.objects.filter(role=Role.OWNER).exclude(user=owner).values("workspace")
    return list(mine.exclude(pk__in=others).select_related("account"))
