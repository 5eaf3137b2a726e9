"""The second factor, sessions, the log of what was done, a copy of everything, the end of an account."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from renderer import audit, vault
from renderer.accounts import factors, sessions, totp
from renderer.jobs import datasets, exports, owners, schedules, workspaces
from renderer.models import ApiToken, AuditEntry, Chart, Export, RenderJob, SecondFactor, Session, Webhook
from renderer.models.audit import Action, AppendOnly
from renderer.models.membership import Role
from renderer.webhooks import hooks
from tests.web.conftest import PASSWORD


def now_code(secret: str, monkeypatch: pytest.MonkeyPatch, *, at: float) -> str:
    """The code of a moment, which is now."""
    monkeypatch.setattr(factors, "clock", lambda: at)
    return totp.code_at(secret, int(at) // totp.STEP)


def with_factor(user: User, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[str]]:
    """Switch it on. Returns the app's secret and the recovery codes."""
    factor = factors.begin(user)
    codes = factors.confirm(user, now_code(factor.secret, monkeypatch, at=1_000_000.0))
    assert codes is not None
    return factor.secret, codes


def log_of(owner: User) -> list[str]:
    return list(AuditEntry.objects.filter(owner=owner).order_by("pk").values_list("action", flat=True))


def sign_in(client: Client, **more: str) -> Any:
    return client.post(reverse("sign-in"), {"username": "ada", "password": PASSWORD, **more})


def test_codes_are_those_of_the_rfc() -> None:
    """RFC 6238, appendix B, SHA-1: the last six of its eight digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    times = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 20000000000: "353130"}
    assert {at: totp.code_at(secret, at // totp.STEP) for at in times} == times
    assert [totp.step_of(secret, "287082", at) for at in (30, 59, 89, 90)] == [1, 1, 1, None]


def test_setting_it_up_and_signing_in_with_it(
    client: Client, signed_in: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = Client()
    elsewhere.force_login(ada)
    address = reverse("set-up-factor")
    assert b"Your password" in signed_in.get(address).content
    assert signed_in.post(address, {"password": "wrong"}).status_code == 422
    assert not SecondFactor.objects.exists()
    page = signed_in.post(address, {"password": PASSWORD}, follow=True).content.decode()
    secret = SecondFactor.objects.get().secret
    assert "QR code for your app" in page
    assert " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)) in page
    assert sign_in(Client())["Location"] == "/", "it does not count before it is confirmed"
    assert signed_in.post(address, {"code": "000000"}).status_code == 422
    answer = signed_in.post(address, {"code": now_code(secret, monkeypatch, at=1_000_000.0)})
    shown = answer.content.decode()
    codes = answer.context["codes"].split()
    assert len(set(codes)) == totp.CODES
    assert "they are shown this once" in shown
    assert elsewhere.get("/").status_code == 302, "whoever was in is out"

    browser = Client()
    answer = sign_in(browser, next="/jobs/")
    assert answer["Location"] == reverse("second-step")
    assert browser.get("/").status_code == 302, "a password alone opens nothing"
    used = now_code(secret, monkeypatch, at=1_000_000.0)
    assert browser.post(reverse("second-step"), {"code": used}).status_code == 422, "a code is good once"
    key = browser.session.session_key
    answer = browser.post(reverse("second-step"), {"code": now_code(secret, monkeypatch, at=1_000_060.0)})
    assert answer["Location"] == "/jobs/"
    assert browser.get("/").status_code == 200
    assert browser.session.session_key != key

    other = Client()
    sign_in(other)
    typed = codes[0].upper().replace("-", " ")
    assert other.post(reverse("second-step"), {"code": typed}).status_code == 302
    assert b"9 recovery codes left" in other.get(reverse("account")).content
    again = Client()
    sign_in(again)
    assert again.post(reverse("second-step"), {"code": codes[0]}).status_code == 422
    assert {"second_factor.on", "second_factor.code_used", "sign_in", "sign_in.failed"} <= set(log_of(ada))


def test_who_guesses_codes_is_stopped_without_redis(client: Client, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, codes = with_factor(ada, monkeypatch)
    sign_in(client)
    statuses = [client.post(reverse("second-step"), {"code": f"00000{n % 10}"}).status_code for n in range(11)]
    assert statuses == [422] * 10 + [429]
    right = now_code(secret, monkeypatch, at=1_000_090.0)
    assert client.post(reverse("second-step"), {"code": right}).status_code == 429
    assert client.post(reverse("second-step"), {"code": codes[0]}).status_code == 429
    later = now_code(secret, monkeypatch, at=1_000_090.0 + factors.WINDOW)
    assert client.post(reverse("second-step"), {"code": later}).status_code == 302


def test_half_a_sign_in_ends_with_the_password(client: Client, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, _ = with_factor(ada, monkeypatch)
    sign_in(client)
    ada.set_password("another one altogether")
    ada.save()
    code = now_code(secret, monkeypatch, at=1_000_060.0)
    assert client.post(reverse("second-step"), {"code": code})["Location"] == reverse("sign-in")
    assert Client().get(reverse("second-step"))["Location"] == reverse("sign-in")


def test_the_admin_is_no_way_around(client: Client, staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with_factor(staff, monkeypatch)
    answer = client.get("/admin/login/?next=/admin/")
    assert answer["Location"] == "/sign-in/?next=/admin/"
    from renderer.web.signing import AdminSignInForm

    form = AdminSignInForm(None, data={"username": "root", "password": PASSWORD})
    assert not form.is_valid()
    assert "This account has a second factor" in str(form.errors)


def test_new_codes_and_off(client: Client, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    _, codes = with_factor(ada, monkeypatch)
    client.force_login(ada)
    assert client.post(reverse("new-codes"), {"password": "wrong"}).status_code == 422
    fresh = client.post(reverse("new-codes"), {"password": PASSWORD}).context["codes"].split()
    assert not factors.check(ada, codes[0])
    assert factors.check(ada, fresh[0])
    assert client.post(reverse("switch-off-factor"), {"password": PASSWORD}, follow=True).status_code == 200
    assert sign_in(Client())["Location"] == "/"
    assert client.get(reverse("switch-off-factor")).status_code == 404
    assert "second_factor.off" in log_of(ada)


def test_secrets_are_sealed_and_keys_are_replaced(ada: User, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FIGPRESS_ENCRYPTION_KEYS = ["old " * 20]
    secret, _ = with_factor(ada, monkeypatch)
    hook, _ = hooks.create(ada, "https://hooks.example.org/services/T0/B0/secret")

    def stored() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT secret, codes FROM renderer_secondfactor")
            found = cursor.fetchone()
            cursor.execute("SELECT url FROM renderer_webhook")
            return " ".join([*found, *cursor.fetchone()])

    before = stored()
    assert secret not in before
    assert "hooks.example.org" not in before
    settings.FIGPRESS_ENCRYPTION_KEYS = ["new " * 20, "old " * 20]
    assert SecondFactor.objects.get().secret == secret
    call_command("reencrypt", stdout=io.StringIO())
    settings.FIGPRESS_ENCRYPTION_KEYS = ["new " * 20]
    assert SecondFactor.objects.get().secret == secret
    assert Webhook.objects.get().url == hook.url
    assert stored() != before
    out = io.StringIO()
    call_command("reencrypt", stdout=out)
    assert out.getvalue().startswith("0 rows")
    settings.FIGPRESS_ENCRYPTION_KEYS = ["a third " * 20]
    lost = SecondFactor.objects.get()
    lost.save()
    with pytest.raises(vault.KeyMissing):
        factors.check(ada, "000000")
    client = Client()
    client.force_login(ada)
    assert client.get(reverse("account")).status_code == client.get(reverse("webhooks")).status_code == 200
    with pytest.raises(CommandError, match="is an old one missing"):
        call_command("reencrypt")
    settings.FIGPRESS_ENCRYPTION_KEYS = ["new " * 20]
    assert SecondFactor.objects.get().secret == secret, "what could not be read was not written over"


def test_sessions_are_seen_and_ended(signed_in: Client, ada: User, eve: User) -> None:
    phone, other = Client(headers={"User-Agent": "Phone/1"}), Client()
    sign_in(phone)
    other.force_login(eve)
    page = signed_in.get(reverse("account")).content.decode()
    assert "Phone/1" in page
    assert page.count("this browser") == 1
    assert "Sign out everywhere else" in page
    signed_in.post(reverse("end-sessions"))
    assert "Sign out everywhere else" not in signed_in.get(reverse("account")).content.decode()
    assert phone.get("/").status_code == 302
    assert signed_in.get("/").status_code == other.get("/").status_code == 200
    assert log_of(ada)[-1] == Action.SESSIONS_ENDED
    signed_in.post(reverse("sign-out"))
    assert not Session.objects.filter(user=ada).exists()


def test_a_copy_of_the_database_is_no_way_into_a_session(signed_in: Client, ada: User, settings: Any) -> None:
    cookie = signed_in.cookies[settings.SESSION_COOKIE_NAME].value
    kept = Session.objects.get(user=ada)
    assert cookie not in f"{kept.session_key} {kept.session_data} {sessions.SessionStore().decode(kept.session_data)}"
    for key in (kept.session_key, kept.session_key[:32]):
        thief = Client()
        thief.cookies[settings.SESSION_COOKIE_NAME] = key
        assert thief.get("/").status_code == 302
    assert signed_in.get("/").status_code == 200
    # One from before digests: the key is in the row, and opens nothing any more.
    Session.objects.filter(user=ada).update(session_key=cookie)
    assert signed_in.get("/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_session_is_kept_the_same_way_without_a_thread() -> None:
    async def life() -> None:
        store = sessions.SessionStore()
        await store.aset("a", 1)
        await store.asave()
        key = store.session_key or ""
        assert await store.aexists(key)
        assert not await store.aexists(sessions.digest(key))
        assert await sessions.SessionStore(key).aget("a") == 1
        await store.acycle_key()
        assert not await store.aexists(key)
        assert await sessions.SessionStore(store.session_key).aget("a") == 1
        await store.aflush()
        assert not await Session.objects.aexists()

    async_to_sync(life)()


def test_a_session_ends_by_itself(signed_in: Client, ada: User, settings: Any) -> None:
    row = Session.objects.filter(user=ada)
    now = timezone.now()
    row.update(seen_at=now - timedelta(hours=2), expire_date=now + timedelta(hours=1))
    assert signed_in.get("/").status_code == 200
    assert row.get().expire_date > now + timedelta(days=6), "use moves its end"
    row.update(began_at=now - timedelta(days=31))
    assert signed_in.get("/").status_code == 302, "but not for ever"
    signed_in.force_login(ada)
    row.update(expire_date=now - timedelta(seconds=1))
    assert signed_in.get("/").status_code == 302


def test_what_is_done_is_written_down(signed_in: Client, ada: User, drawn: Chart) -> None:
    signed_in.post(reverse("tokens"), {"name": "robot", "days": "30", "scopes": ["read"]})
    token, secret = ApiToken.issue(ada, "laptop", scopes=["read", "render", "admin"])
    chart = str(drawn)
    made = signed_in.post(reverse("share-chart", args=[drawn.pk]), {"name": "mail", "format": "png", "days": "7"})
    assert made.status_code == 201
    program = Client(headers={"Authorization": f"Bearer {secret}", "X-Request-ID": "req-1"})
    assert program.delete(f"/api/v1/charts/{drawn.pk}", REMOTE_ADDR="192.0.2.7").status_code == 204
    assert Client().post(reverse("sign-in"), {"username": "ada", "password": "nope"}).status_code == 200
    assert log_of(ada) == ["sign_in", "token.made", "share.made", "chart.deleted", "sign_in.failed"]
    entry = AuditEntry.objects.get(action=Action.CHART_DELETED)
    assert (entry.actor, entry.via, entry.object) == (ada, f"token {token.hint}…", chart)
    assert (entry.address, entry.request_id) == ("192.0.2.7", "req-1")
    page = signed_in.get(reverse("activity")).content.decode()
    assert "Deleted a chart" in page
    assert "Tried to sign in, with a wrong password or code" in page
    assert secret not in page
    assert not any(secret in str(vars(line)) or "figs_" in str(vars(line)) for line in AuditEntry.objects.all())


def test_a_line_is_never_changed(signed_in: Client, ada: User) -> None:
    line = AuditEntry.objects.get()
    line.object = "something else"
    for act in (line.save, line.delete, AuditEntry.objects.all().delete):
        with pytest.raises(AppendOnly):
            act()
    with pytest.raises(AppendOnly):
        AuditEntry.objects.update(object="something else")
    assert audit.forget(timezone.now() + timedelta(days=360)) == 0
    assert audit.forget(timezone.now() + timedelta(days=366)) == 1


def test_what_fails_leaves_no_line(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Webhook, "save", fail)
    with pytest.raises(RuntimeError):
        hooks.create(ada, "https://example.org/hook")
    assert not AuditEntry.objects.exists()


def test_members_are_written_into_the_workspaces_log(signed_in: Client, ada: User, eve: User) -> None:
    room = workspaces.create(ada, "Fruit")
    member = workspaces.add(room, "eve", Role.VIEWER)
    workspaces.change_role(member, Role.EDITOR)
    workspaces.remove(member)
    assert log_of(room.account) == ["workspace.made", "member.added", "member.changed", "member.removed"]


@pytest.fixture
def rich(ada: User, drawn: Chart, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> User:
    """Ada, who has something of everything."""
    with django_capture_on_commit_callbacks(execute=True):
        datasets.upload(ada, "fruit", io.BytesIO(b"fruit,n\nFig,1\n"), size=14, format="csv")
        datasets.execute(ada.datasets.get().versions.get().pk)
    schedules.create(ada, drawn, cron="0 7 * * *")
    hooks.create(ada, "https://example.org/hook", name="Till")
    ApiToken.issue(ada, "laptop")
    return ada


def test_a_copy_of_everything(
    signed_in: Client, rich: User, drawn: Chart, eve: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, media: Path,
) -> None:  # fmt: skip
    assert signed_in.post(reverse("export"), {"password": "wrong"}).status_code == 422
    signed_in.post(reverse("export"), {"password": PASSWORD})
    signed_in.post(reverse("export"), {"password": PASSWORD})
    export = Export.objects.get()  # the second found the first
    assert b"A copy is being made" in signed_in.get(reverse("account")).content
    assert signed_in.get(reverse("download-export", args=[export.pk])).status_code == 404
    assert exports.execute(export.pk)
    assert not exports.execute(export.pk)
    answer = signed_in.get(reverse("download-export", args=[export.pk]))
    assert answer["Content-Disposition"].startswith("attachment")
    with ZipFile(io.BytesIO(b"".join(answer))) as file:
        names = set(file.namelist())
        texts = {name: file.read(name).decode() for name in names if name.endswith(".json")}
        pictures = [name for name in names if name.startswith("charts/")]
        assert file.testzip() is None
    assert {"account.json", "activity.json", "datasets/fruit.parquet", "schedules.json", "usage.json"} <= names
    assert {name.rpartition(".")[2] for name in pictures} == {"png", "svg"}
    assert json.loads(texts["charts.json"])[0]["spec"] == drawn.spec
    hook, token = Webhook.objects.get(), ApiToken.objects.get()
    for secret in (hook.seed, token.digest, rich.password):
        assert not any(secret in text for text in texts.values())
    eves = Client()
    eves.force_login(eve)
    assert eves.get(reverse("download-export", args=[export.pk])).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        assert exports.forget(timezone.now() + timedelta(days=8)) == 1
    assert not any((media / "exports").iterdir())


def test_an_export_whose_worker_dies_begins_anew(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    export = exports.ask(ada)
    published: list[Any] = []
    monkeypatch.setattr(exports, "publish", lambda found: published.extend(found))
    now = timezone.now()
    for attempt in range(1, 4):
        claimed = exports._claim(export.pk)
        assert claimed is not None
        assert claimed.attempt == attempt
        exports.patrol(now)
        export.refresh_from_db()
        assert export.lease_expires_at is not None, "it is at work"
        exports.patrol(now + timedelta(hours=1))
    export.refresh_from_db()
    assert (export.status, len(published)) == ("failed", 2)


def test_the_end_of_an_account(
    signed_in: Client, rich: User, eve: User, media: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, spec: dict[str, Any],
) -> None:  # fmt: skip
    alone, shared = workspaces.create(rich, "Alone"), workspaces.create(rich, "Shared")
    member = workspaces.add(shared, "eve", Role.EDITOR)
    exports.execute(exports.ask(rich).pk)
    fields = {"name": "ada", "password": PASSWORD}
    assert signed_in.post(reverse("leave"), fields | {"name": "Ada"}).status_code == 422
    assert signed_in.post(reverse("leave"), fields | {"password": "wrong"}).status_code == 422
    assert "only owner of “Shared”" in signed_in.post(reverse("leave"), fields).content.decode()
    workspaces.change_role(member, Role.OWNER)
    assert any(path.is_file() for path in media.rglob("*"))
    with django_capture_on_commit_callbacks(execute=True):
        assert b"Your account is gone" in signed_in.post(reverse("leave"), fields, follow=True).content
    assert not User.objects.filter(username__in=["ada", alone.account.username]).exists()
    assert User.objects.filter(pk=shared.account_id).exists()
    assert not any(model.objects.exists() for model in (Chart, RenderJob, ApiToken, Webhook, Export, Session))
    assert not [path for path in media.rglob("*") if path.is_file()]
    left = AuditEntry.objects.get(action=Action.OWNER_DELETED)
    assert (left.owner, left.object) == (None, "ada")


def test_the_last_who_runs_the_site_stays(staff: User) -> None:
    with pytest.raises(owners.Refused, match="only one who runs this site"):
        owners.delete(staff)


def test_operators_do_the_same_by_command(rich: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "ada.zip"
    call_command("export_owner", "ada", output=target, stdout=io.StringIO())
    with ZipFile(target) as file:
        assert "charts.json" in file.namelist()
    assert AuditEntry.objects.get(action=Action.EXPORTED).via == "manage.py export_owner"
    monkeypatch.setattr("builtins.input", lambda prompt: "eve")
    with pytest.raises(CommandError, match="Nothing was deleted"):
        call_command("delete_owner", "ada")
    call_command("delete_owner", "ada", yes=True, stdout=io.StringIO())
    assert not User.objects.filter(username="ada").exists()
    assert AuditEntry.objects.get(action=Action.OWNER_DELETED).via == "manage.py delete_owner"
    for command in ("export_owner", "delete_owner"):
        with pytest.raises(CommandError, match="nobody called"):
            call_command(command, "ada", output=target) if command == "export_owner" else call_command(command, "ada")
