"""Who sees which page: every address, for strangers and for other people."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import URLPattern, reverse

from renderer.jobs import batches, datasets, schedules, workspaces
from renderer.jobs.charts import recipe_of
from renderer.models import (
    ApiToken,
    Batch,
    Chart,
    Dataset,
    Export,
    RenderJob,
    Schedule,
    ShareLink,
    Variant,
    Webhook,
    Workspace,
)
from renderer.models.membership import Role
from renderer.web.urls import urlpatterns
from renderer.webhooks import hooks

OPEN = {
    "sign-in", "sign-out", "figure-state", "shared-picture", "llms", "healthz", "readyz", "metrics",
    "second-step", "single-sign-on", "single-back",
}  # fmt: skip
"""For everybody; each has tests of its own."""
LISTS = {
    "batches", "datasets", "gallery", "health", "jobs", "schedules", "tokens", "webhooks", "new-chart", "new-dataset",
    "figures", "new-from-figure", "usage", "password", "new-workspace",
    "account", "set-up-factor", "activity", "export", "leave",
}  # fmt: skip
LIST_FRAGMENTS = {"batches-live", "datasets-live", "gallery-live", "health-live", "jobs-live", "preview-schedule"}
PAGES = {
    "batch", "chart", "chart-data", "chart-data-csv", "chart-versions", "dataset", "edit-chart", "job", "webhook",
    "schedule", "workspace", "download-export",
}  # fmt: skip
FRAGMENTS = {
    "batch-live",
    "chart-live",
    "dataset-live",
    "job-live",
    "chart-preview-live",
    "schedule-live",
}
VERBS = {
    "render-chart", "cancel-chart", "restore-chart", "delete-chart", "create-schedule", "cancel-job", "retry-job",
    "pause-schedule",
    "resume-schedule", "run-schedule", "delete-schedule", "revoke-token", "share-chart", "revoke-link",
    "rotate-webhook", "test-webhook", "switch-off-webhook", "switch-on-webhook", "delete-webhook",
    "redeliver-delivery",
    "cancel-batch", "change-schedule", "replace-dataset", "change-dataset", "retype-dataset",
    "delete-dataset", "rename-workspace", "leave-workspace", "delete-workspace", "add-to-workspace", "change-member",
    "remove-member",
}  # fmt: skip
CHOICES = {"choose-workspace", "several-charts", "end-sessions"}
"""Verbs that are about nothing of anybody's, until they name it."""
FOR_EDITORS = {"new-chart", "new-dataset", "figures", "new-from-figure", "edit-chart"}
"""Pages that a viewer cannot use."""
FOR_OWNERS = {
    "tokens", "webhooks", "webhook", "revoke-token", "rotate-webhook", "test-webhook", "switch-off-webhook",
    "switch-on-webhook", "delete-webhook", "redeliver-delivery", "rename-workspace", "delete-workspace",
    "add-to-workspace", "change-member", "remove-member", "activity", "export", "download-export",
}  # fmt: skip
OTHERS = {"change-jobs", "overview-picture", "new-codes", "switch-off-factor", "connect", "disconnect"}
"""What no id alone leads to; their own tests say for whom they are (test_job_pages, test_health, test_account,
test_single)."""
ASKS = {"check-spec", "preview-spec", "leave-preview"}
"""Of the editor: about what is sent, and nothing that is there."""
MISSING = UUID("01890000-0000-7000-8000-000000000000")


@pytest.fixture
def address(chart: Chart, job: RenderJob, ada: User, figures: object) -> dict[str, str]:
    """Every address of the pages, of things that are Ada's."""
    schedule = schedules.create(ada, chart, cron="0 7 * * *")
    token, _ = ApiToken.issue(ada, "laptop")
    share, _ = ShareLink.issue(ada, Variant.objects.create(chart=chart, format="png"))
    hook, _ = hooks.create(ada, "https://example.org/hook", name="Fruit")
    batch = batches.create(ada, [(recipe_of(chart), "")], name="Fruit")
    upload = datasets.upload(ada, "fruit", BytesIO(b"Fruit,n\nFig,1\n"), size=14, format="csv")
    workspace = workspaces.create(ada, "Berries")
    ready = Export.objects.create(
        owner=ada, status="ready", file=default_storage.save("exports/a.zip", ContentFile(b"PK"))
    )
    ids = {
        "batch": batch.pk,
        "chart": chart.pk,
        "dataset": upload.dataset_id,
        "job": job.pk,
        "schedule": schedule.pk,
        "token": token.pk,
        "link": share.pk,
        "workspace": workspace.pk,
        "member": workspace.memberships.get().pk,
        "webhook": hook.pk,
        "export": ready.pk,
        "delivery": hooks.send_test(hook).pk,
    }
    found = {}
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        name = str(pattern.name)
        if name in OPEN | OTHERS:
            continue
        kwargs: dict[str, object] = {}
        if "pk" in pattern.pattern.converters:
            kwargs["pk"] = ids["chart" if name == "create-schedule" else next(noun for noun in ids if noun in name)]
        if "name" in pattern.pattern.converters:
            kwargs["name"] = "tests.revenue"
        found[name] = reverse(name, kwargs=kwargs)
    return found


def test_every_address_is_covered_here() -> None:
    names = {str(pattern.name) for pattern in urlpatterns}
    assert names == OPEN | LISTS | LIST_FRAGMENTS | PAGES | FRAGMENTS | VERBS | CHOICES | ASKS | OTHERS


def test_strangers_are_sent_to_sign_in(client: Client, address: dict[str, str]) -> None:
    for name in LISTS | PAGES:
        response = client.get(address[name])
        assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={address[name]}"), name
    for name in VERBS | CHOICES | ASKS:
        response = client.post(address[name])
        assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={address[name]}"), name


def test_a_page_whose_reader_signed_out_is_loaded_again(client: Client, address: dict[str, str]) -> None:
    for name in LIST_FRAGMENTS | FRAGMENTS:
        response = client.get(address[name])
        assert (response.status_code, response.get("HX-Refresh")) == (204, "true"), name


def test_what_is_somebody_elses_is_not_there(client: Client, address: dict[str, str], eve: User) -> None:
    client.force_login(eve)
    for name in PAGES:
        assert client.get(address[name]).status_code == 404, name
    for name in VERBS:
        assert client.post(address[name]).status_code == 404, name
    for name in FRAGMENTS:
        assert client.get(address[name])["HX-Refresh"] == "true", name
    assert Chart.objects.count() == RenderJob.objects.count() == ApiToken.objects.count() == 1


def _status(client: Client, address: str) -> int:
    response = client.get(address)
    if response.streaming:
        response.getvalue()  # a download holds its file until it is read
    return response.status_code


def give_to(workspace: Workspace, owner: User) -> None:
    """Make everything that is somebody's the workspace's, as if it had been made there."""
    for model in (ApiToken, Batch, Chart, Dataset, Export, RenderJob, Schedule, ShareLink, Webhook):
        model._default_manager.filter(owner=owner).update(owner=workspace.account)


@pytest.mark.parametrize("role", [*Role, None])
def test_what_a_role_may(client: Client, address: dict[str, str], ada: User, eve: User, role: Role | None) -> None:
    """Every address in a workspace: a viewer looks, an editor does, an owner has the rest, a stranger nothing."""
    workspace = Workspace.objects.get()
    give_to(workspace, ada)
    if role is not None:
        workspaces.add(workspace, "eve", role)
    client.force_login(eve)
    chosen = client.post(address["choose-workspace"], {"workspace": str(workspace.pk)})
    if role is None:
        assert chosen.status_code == 404
        for name in PAGES | VERBS:
            assert client.generic("GET" if name in PAGES else "POST", address[name]).status_code == 404, name
        return
    for name in sorted(LISTS | PAGES | FRAGMENTS | LIST_FRAGMENTS):
        needed = Role.OWNER if name in FOR_OWNERS else Role.EDITOR if name in FOR_EDITORS else Role.VIEWER
        assert _status(client, address[name]) == (200 if role.may(needed) else 403), (name, role)
    for name in sorted(ASKS | {"several-charts", "change-jobs"}):
        status = client.post(reverse(name)).status_code
        assert (status == 403) == (role is Role.VIEWER), (name, role, status)
    # What ends things comes last, and leaving at the very end.
    for name in sorted(VERBS - {"leave-workspace"}, key=lambda name: ("delete" in name or "member" in name, name)):
        needed = Role.OWNER if name in FOR_OWNERS else Role.EDITOR
        status = client.post(address[name]).status_code
        assert (status == 403) != role.may(needed), (name, role, status)
        if role.may(needed):
            assert status in (200, 201, 302, 404, 422), (name, status)  # 404: it went with another
    assert Chart.objects.exists() == (role is Role.VIEWER)
    assert ApiToken.objects.exists() == (role is not Role.OWNER)
    assert Workspace.objects.exists() == (role is not Role.OWNER)
    if role is not Role.OWNER:
        client.post(address["leave-workspace"])
        assert not workspace.memberships.filter(user=eve).exists()


def test_a_missing_row_and_a_foreign_one_look_the_same(client: Client, chart: Chart, eve: User) -> None:
    client.force_login(eve)
    foreign = client.get(reverse("chart", args=[chart.pk]))
    missing = client.get(reverse("chart", args=[MISSING]))
    assert foreign.status_code == missing.status_code == 404
    assert b"There is nothing here." in foreign.content


def test_lists_show_only_ones_own(client: Client, address: dict[str, str], eve: User) -> None:
    client.force_login(eve)
    for name in LISTS | LIST_FRAGMENTS - {"preview-schedule"}:
        assert b"fruit" not in client.get(address[name]).content.lower(), name


def test_staff_do_not_see_other_peoples_charts(client: Client, chart: Chart, staff: User) -> None:
    client.force_login(staff)
    assert client.get(reverse("chart", args=[chart.pk])).status_code == 404


def test_changes_are_never_made_by_get(signed_in: Client, address: dict[str, str]) -> None:
    for name in VERBS | CHOICES | ASKS:
        assert signed_in.get(address[name]).status_code == 405, name


def test_changes_need_a_csrf_token(address: dict[str, str], ada: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)
    for name in (
        VERBS | CHOICES | ASKS | {"tokens", "new-chart", "new-dataset", "new-from-figure", "password", "new-workspace"}
    ):
        response = browser.post(address[name])
        assert response.status_code == 403, name
        assert b"That page was too old." in response.content


def test_a_deactivated_user_is_out(signed_in: Client, address: dict[str, str], ada: User) -> None:
    ada.is_active = False
    ada.save()
    assert signed_in.get(address["chart"]).status_code == 302


@pytest.mark.parametrize(
    "text", ["1", "%D9%A3", "01890000-0000-7000-8000-00000000000G", "01890000000070008000000000000000"]
)
def test_only_lower_case_uuids_are_ids(signed_in: Client, text: str) -> None:
    assert signed_in.get(f"/charts/{text}/").status_code == 404


def test_pages_are_kept_by_no_cache(signed_in: Client, chart: Chart) -> None:
    response = signed_in.get(reverse("chart", args=[chart.pk]))
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


def test_the_content_security_policy_is_strict(signed_in: Client, chart: Chart) -> None:
    response = signed_in.get(reverse("chart", args=[chart.pk]))
    policy = response["Content-Security-Policy"]
    assert "script-src 'self';" in f"{policy};"
    assert "style-src 'self';" in f"{policy};"
    assert "unsafe" not in policy
    text = response.content.decode()
    assert " style=" not in text
    assert "<style" not in text
    assert " onclick" not in text


def test_signing_in_and_out(client: Client, ada: User) -> None:
    wrong = client.post("/sign-in/", {"username": "ada", "password": "no"})
    assert b"do not belong together" in wrong.content
    right = client.post("/sign-in/", {"username": "ada", "password": "correct horse battery", "next": "/jobs/"})
    assert right["Location"] == "/jobs/"
    assert client.get("/sign-in/")["Location"] == "/"
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/").status_code == 302


def test_who_is_not_there_takes_as_long_and_reads_the_same(
    client: Client, ada: User, eve: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody learns who has an account here, or is shut out, or signs in elsewhere, by trying names."""
    hashed = []
    encode = MD5PasswordHasher.encode

    def counted(hasher: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(hasher, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    User.objects.create_user("elsewhere")
    User.objects.filter(pk=eve.pk).update(is_active=False)
    seen = set()
    for name in ("ada", "eve", "elsewhere", "nobody", "no\nbody", "\u0000"):
        hashed.clear()
        answer = client.post("/sign-in/", {"username": name, "password": "guess"})
        assert answer.status_code == 200
        if "\u0000" not in name:  # a NUL is not looked up: it is no name of anybody's
            seen.add((len(hashed), "do not belong together" in answer.content.decode()))
    assert seen == {(1, True)}


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_to_no_other_site(client: Client, ada: User, address: str) -> None:
    response = client.post("/sign-in/", {"username": "ada", "password": "correct horse battery", "next": address})
    assert response["Location"] == "/"
