"""Settings with which nobody should be on a network."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.core.checks import run_checks

from project.guard import Unsafe, check_safety
from renderer.checks import TAG

HOSTS = ["charts.example.org"]
SAFE: dict[str, Any] = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "SECRET_KEY_FALLBACKS": [],
    "FIGPRESS_ENCRYPTION_KEYS": [secrets.token_urlsafe(50)],
    "DEBUG": False,
    "ALLOWED_HOSTS": HOSTS,
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "MEDIA_ROOT": "/srv/media",
    "STATIC_ROOT": "/srv/static",
    "STATICFILES_DIRS": [],
    "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
}


def redis_cache(**options: str) -> dict[str, Any]:
    """A Redis cache of Django's."""
    return {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1",
            "OPTIONS": options,
        }
    }


@pytest.fixture
def production(settings: Any) -> Any:
    """Settings that are safe."""
    for name, value in SAFE.items():
        setattr(settings, name, value)
    return settings


def found() -> list[str]:
    """The ids of the errors."""
    return [str(message.id) for message in run_checks(tags=[TAG], include_deployment_checks=True)]


def test_safe_settings_are_not_complained_of(production: Any) -> None:
    assert found() == []
    check_safety()


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"SECRET_KEY": "k" * 80}, "E010"),
        ({"SECRET_KEY": secrets.token_urlsafe(20)}, "E010"),
        ({"SECRET_KEY": "django-insecure-" + secrets.token_urlsafe(50)}, "E010"),
        ({"SECRET_KEY_FALLBACKS": ["change-me"]}, "E010"),
        ({"ALLOWED_HOSTS": ["*"]}, "E011"),
        ({"DEBUG": True}, "E012"),
        ({"SESSION_COOKIE_SECURE": False}, "E013"),
        ({"CSRF_COOKIE_SECURE": False}, "E013"),
        ({"CACHES": redis_cache()}, "E016"),
        ({"SESSION_SERIALIZER": "django.contrib.sessions.serializers.PickleSerializer"}, "E017"),
        ({"MEDIA_ROOT": "/srv/static/media"}, "E018"),
        ({"MEDIA_ROOT": "/srv"}, "E018"),
        ({"STATICFILES_DIRS": [("files", "/srv/media/files")]}, "E018"),
    ],
)
def test_what_is_not_safe_is_an_error(production: Any, changed: dict[str, Any], error: str) -> None:
    for name, value in changed.items():
        setattr(production, name, value)
    assert found() == [f"figpress.{error}"]
    with pytest.raises(Unsafe, match=error):
        check_safety()


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"broker_url": "redis://redis.example.org:6379/0"}, "E014"),
        ({"broker_url": "amqp://guest:guest@rabbit.example.org//"}, "E014"),
        ({"accept_content": ["json", "pickle"]}, "E015"),
        ({"result_accept_content": ["application/x-python-serialize"]}, "E015"),
        ({"task_serializer": "pickle"}, "E015"),
    ],
)
def test_celery_that_takes_orders_from_anybody(
    production: Any, monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any], error: str
) -> None:
    for name, value in changed.items():
        monkeypatch.setitem(current_app.conf, name, value)
    assert found() == [f"figpress.{error}"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("redis://news.example.org:6379/0", ["figpress.E014"]),
        ("sentinel://a.example.org:26379;b.example.org:26379/0?service=main", ["figpress.E014"]),
        ("sentinel://:long@a.example.org:26379;b.example.org:26379/0?service=main", []),
        ("redis://web:long@news.example.org:6379/0", []),
    ],
)
def test_a_redis_of_the_news_has_a_password_too(production: Any, address: str, expected: list[str]) -> None:
    production.FIGPRESS_EVENTS_URL = address
    assert found() == expected


def test_what_one_person_does_at_one_machine_is_fine(production: Any) -> None:
    production.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    production.DEBUG = True
    production.SESSION_COOKIE_SECURE = production.CSRF_COOKIE_SECURE = False
    assert found() == []


def test_a_cache_of_json_and_a_redis_with_a_password_are_safe(production: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    production.CACHES = redis_cache(serializer="example.JsonSerializer")
    monkeypatch.setitem(current_app.conf, "broker_url", "redis://:long@redis.example.org:6379/0")
    assert found() == []


def test_a_rule_can_be_kept_in_another_way(production: Any) -> None:
    production.SESSION_COOKIE_SECURE = False
    production.SILENCED_SYSTEM_CHECKS = ["figpress.E013"]
    check_safety()


def test_the_hint_says_what_to_do(production: Any, tmp_path: Path) -> None:
    production.ALLOWED_HOSTS = ["*"]
    with pytest.raises(Unsafe, match=r"does not start(.|\n)*E011: ALLOWED_HOSTS is \*(.|\n)*Name the hosts"):
        check_safety()
