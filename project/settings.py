"""Settings of this installation, read from the environment. ``docs/settings.md`` lists the variables.

A bare checkout runs with none of them: SQLite, a Redis on loopback, files under ``var/``.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path

from celery.schedules import crontab
from csp.constants import NONE, SELF
from environs import Env, validate
from whitenoise.compress import Compressor

from project import parts, reports, traces

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("FIGPRESS_VAR_DIR", default=str(BASE_DIR / "var"))).absolute()


def _kept(name: str) -> str:
    """What `make run` keeps for itself in a file; empty if it does not."""
    return (VAR_DIR / name).read_text().strip() if (VAR_DIR / name).exists() else ""


# The drawing engine knows no Django: it finds its typeface by the environment.
os.environ.setdefault("FIGPRESS_FONTS_DIR", str(VAR_DIR / "fonts"))
# Not the one in somebody's home: a matplotlibrc there would change the pictures.
os.environ.setdefault("MPLCONFIGDIR", str(VAR_DIR / "matplotlib"))

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or _kept("secret_key")
# After a change of SECRET_KEY: the old ones, so that sessions, signed addresses of pictures (good for up to a year) and
# secrets of webhooks made with them still hold.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("FIGPRESS_HTTPS", default=False)

EXAMPLES = env.bool("FIGPRESS_EXAMPLES", default=False)
"""Whether the example shop is part of this installation. `make run` and `make demo` say yes."""

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_celery_results",
    "django_htmx",
    "csp",
    "ninja",
    "renderer",
    *(["examples.shop"] if EXAMPLES else []),
    *env.list("FIGPRESS_APPS", default=[]),  # your own apps, with their figures.py
]
MIDDLEWARE = [
    "project.probes.probes",
    "renderer.middleware.observe",
    "django.middleware.security.SecurityMiddleware",
    "project.static.StaticFiles",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "project.urls"
ASGI_APPLICATION = "project.asgi.application"
WSGI_APPLICATION = "project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- Database -------------------------------------------------------------------------------------------------
DATABASES = {"default": env.dj_db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'figpress.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Without IMMEDIATE a transaction that reads and then writes fails at once with SQLITE_BUSY, whatever the
        # time-out says; with WAL readers do not wait for the writer (FACTS 2.6).
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A machine that is cut off closes nothing. By itself TCP would wait for it for a quarter of an hour, or, where
    # nothing is to be sent, for two hours; the locks of a transaction that it had open would hold as long.
    given = DATABASES["default"].get("OPTIONS", {})  # after the question mark of DATABASE_URL
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 25_000,
        # The same on the server's side. Our own transactions are never idle for more than a moment.
        "options": "-c idle_in_transaction_session_timeout=30s -c tcp_user_timeout=25s "
        "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
        **given,
    }
    if env.bool("FIGPRESS_PGBOUNCER", default=False):
        # Between two transactions a connection of PgBouncer's may be somebody else's: nothing may be left open on it,
        # and it takes no settings. docs/scaling.md has the role that carries them instead.
        DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
        DATABASES["default"]["OPTIONS"].pop("options")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Files ----------------------------------------------------------------------------------------------------
# Pictures of charts have no public address: views hand them out after asking whose they are.
MEDIA_ROOT = VAR_DIR / "media"
# In S3-compatible storage instead: s3://key:secret@host/bucket (docs/operations.md). Views then send browsers to an
# address there that is good for a minute.
STORAGE, STORAGE_ORIGIN = parts.storage(env.str("STORAGE_URL", default=""))
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("FIGPRESS_STATIC_DIR", default=str(VAR_DIR / "static")))
STORAGES = {
    "default": STORAGE,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Compressing takes its time: only what is served is compressed, and not the maps that a debugger would ask for.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")

# --- People ---------------------------------------------------------------------------------------------------
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "gallery"
LOGOUT_REDIRECT_URL = "sign-in"
# Who is signed in, and where, in rows of our own, so that people see it and end it. A session ends after a week without
# use, and after a month in any case.
SESSION_ENGINE = "renderer.accounts.sessions"
SESSION_COOKIE_AGE = int(timedelta(days=env.float("FIGPRESS_SESSION_IDLE", default=7)).total_seconds())
FIGPRESS_SESSION_LIFE = env.float("FIGPRESS_SESSION_LIFE", default=30)
# Single sign-on by OpenID Connect, with one provider: see docs/accounts.md.
FIGPRESS_OIDC: dict[str, object] = {
    "issuer": env.str("OIDC_ISSUER", default=""),
    "client_id": env.str("OIDC_CLIENT_ID", default=""),
    "client_secret": env.str("OIDC_CLIENT_SECRET", default=""),
    "name": env.str("OIDC_NAME", default="single sign-on"),
    "sign_up": env.bool("OIDC_SIGN_UP", default=True),
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# --- Security -------------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
# With the prefix browsers take them from this very host alone, and only over TLS: no neighbour below the same domain
# sets one. They cannot carry it without TLS.
if HTTPS:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
# What encrypts the secrets in the database (second factors, addresses of webhooks), the newest first.
FIGPRESS_ENCRYPTION_KEYS: list[str] = env.list("FIGPRESS_ENCRYPTION_KEYS", default=[])
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("FIGPRESS_BEHIND_PROXY", default=False) else None
)
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "renderer.web.errors.refused"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *filter(None, [STORAGE_ORIGIN])],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
# One byte more than the API takes, so that its own 413 answers and not Django's plain 400.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024 + 1

# --- Other sites, and how often -------------------------------------------------------------------------------
# Origins whose scripts may call the API with a token of their own, letter by letter: https://www.example.org
FIGPRESS_CORS_ORIGINS: list[str] = env.list("FIGPRESS_CORS_ORIGINS", default=[])
# Requests to the API in a minute; tries to sign in to one account from one address in five. 0 is no limit.
FIGPRESS_RATE_TOKEN = env.int("FIGPRESS_RATE_TOKEN", default=12_000)
FIGPRESS_RATE_OWNER = env.int("FIGPRESS_RATE_OWNER", default=24_000)
FIGPRESS_RATE_SIGN_IN = env.int("FIGPRESS_RATE_SIGN_IN", default=10)
# Pictures of share links in a minute for one address, behind which an office or a proxy of mail may be.
FIGPRESS_RATE_SHARED = env.int("FIGPRESS_RATE_SHARED", default=3_000)

# --- Sources --------------------------------------------------------------------------------------------------
# Charts' URLs lead to the open internet alone (SECURITY T6): hosts and networks inside are exceptions, by name.
FIGPRESS_FETCH_INTERNAL: list[str] = env.list("FIGPRESS_FETCH_INTERNAL", default=[])
# If there are any, the only hosts whose URLs are fetched.
FIGPRESS_FETCH_HOSTS: list[str] = env.list("FIGPRESS_FETCH_HOSTS", default=[])
# The databases that charts may name, with their DSNs, as a JSON object: see docs/sources.md.
FIGPRESS_DATABASES = env.str("FIGPRESS_DATABASES", default="")

# --- Languages and time ---------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Jobs -----------------------------------------------------------------------------------------------------
FIGPRESS_MAX_WAITING = env.int("FIGPRESS_MAX_WAITING", default=100_000)

# --- Celery ---------------------------------------------------------------------------------------------------
# Redis carries the messages, unless BROKER_URL names another: amqp://user:password@host:5672/vhost is RabbitMQ.
_BROKER_URL = env.str("BROKER_URL", default="")
_REDIS_URL = env.str("REDIS_URL", default="") or _kept("redis_url")
MESSAGES = parts.messages(_BROKER_URL, _REDIS_URL or ("" if _BROKER_URL else "redis://127.0.0.1:6379/0"))
CELERY_BROKER_URL = MESSAGES.broker
CELERY_BROKER_USE_SSL = MESSAGES.tls
CELERY_IMPORTS = ("tasks", "workers")
# Where the news of jobs goes for those who wait, and where rates are counted; empty: the broker, if that is a Redis.
FIGPRESS_EVENTS_URL = env.str("FIGPRESS_EVENTS_URL", default="") or MESSAGES.events
# Event streams that one owner may have open in one web process: each costs memory for as long as it is open.
FIGPRESS_STREAMS = env.int("FIGPRESS_STREAMS", default=20)
CELERY_TIMEZONE = "UTC"

# JSON only: a pickle runs code (SECURITY T7). Messages are nudges; which job is drawn is decided by its row.
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = CELERY_EVENT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = CELERY_RESULT_ACCEPT_CONTENT = ["json"]
# Any client of the broker could stop the workers with one broadcast (SECURITY T7).
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False

CELERY_TASK_DEFAULT_QUEUE = "upkeep"
CELERY_TASK_CREATE_MISSING_QUEUES = True
# Acknowledged at the end, so that a message outlives the worker that took it. The row's guarded claim makes a
# second delivery harmless.
CELERY_TASK_ACKS_LATE = True
# With True a job that kills its process is delivered again for ever: 4 runs in 10 s and no end (FACTS 2.1). A lost
# child is handled by workers/process.py, which counts attempts in the row.
CELERY_TASK_REJECT_ON_WORKER_LOST = False
# With late acknowledgement, 1 means that a worker reserves nothing it is not running (FACTS 2.2, Prefetch).
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# The soft limit does not interrupt C code (8.8 s late in a numpy sort); the hard one kills the process. Always both.
CELERY_TASK_SOFT_TIME_LIMIT = env.int("FIGPRESS_SOFT_TIME_LIMIT", default=45)
CELERY_TASK_TIME_LIMIT = env.int("FIGPRESS_TIME_LIMIT", default=60)
# A new connection for each task, and another for its result, cost as much as all statements of a job. They are kept
# from task to task; workers/process.py closes those that are broken or were idle.
CELERY_DB_REUSE_MAX = 1_000
# Leaks end with the process: counted in messages, each a job or a quarter of a second of small ones, and in KiB of peak
# memory after a message (a cap on growth, no guard).
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 600_000
# On SIGQUIT, on a second SIGTERM, and on the first with REMAP_SIGTERM=SIGQUIT: how long running jobs may go on before
# they are given back. Platforms kill after 10 s (Docker) or 30 s (Kubernetes, Heroku).
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = env.int("FIGPRESS_SHUTDOWN_TIMEOUT", default=20)
# After a lost connection a job goes on and ends: its claim is fenced, so False wastes less than killing it.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = MESSAGES.transport
# 0.2 s until a publish gives up when Redis is down; retry=False takes 6.3 s (FACTS 2.1). The sweeper publishes later.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}
CELERY_BROKER_POOL_ACQUIRE_TIMEOUT = 5
# In the database and never in Redis: a publish with a Redis result backend that is down takes 19 s (FACTS 2.1).
# Its rows are for operators (tracebacks); a job's state is read from RenderJob alone, because this backend can go
# from SUCCESS back to STARTED.
CELERY_RESULT_BACKEND = "django-db"
CELERY_RESULT_EXTENDED = True
CELERY_RESULT_EXPIRES = timedelta(days=1)

# Beat only ticks; what is due is decided, once, in the database. `expires` is below the interval, so that a worker
# that was away does not wake to a pile of ticks.
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "schedules": {"task": "figpress.schedules.tick", "schedule": 10.0, "options": {"queue": "upkeep", "expires": 9}},
    # Below its next attempt a delivery waits for this look, too; the first attempt comes without.
    "deliveries": {"task": "figpress.webhooks.due", "schedule": 10.0, "options": {"queue": "upkeep", "expires": 9}},
    "forget-deliveries": {
        "task": "figpress.upkeep.deliveries",
        "schedule": crontab(minute=27),
        "options": {"queue": "upkeep", "expires": 3000},
    },
    "tallies": {"task": "figpress.upkeep.tallies", "schedule": 60.0, "options": {"queue": "upkeep", "expires": 55}},
    # Pictures of the last day, for those who look at their jobs just now.
    "overviews": {"task": "figpress.upkeep.overviews", "schedule": 20.0, "options": {"queue": "upkeep", "expires": 19}},
    "retention": {
        "task": "figpress.upkeep.retention",
        "schedule": crontab(minute=17),
        "options": {"queue": "upkeep", "expires": 3000},
    },
    "orphans": {
        "task": "figpress.upkeep.orphans",
        "schedule": crontab(minute=37, hour=3),
        "options": {"queue": "upkeep", "expires": 3600},
    },
    # Under the name of an entry that Celery would add: its own deletes in one piece, tracebacks of failures as well.
    "celery.backend_cleanup": {
        "task": "figpress.upkeep.results",
        "schedule": crontab(minute=47),
        "options": {"queue": "upkeep", "expires": 3000},
    },
}

# --- Datasets -------------------------------------------------------------------------------------------------
# Of each owner. A thousand tables are more than a person keeps apart; ten gigabytes are a disk that somebody notices.
FIGPRESS_DATASETS = env.int("FIGPRESS_DATASETS", default=1000)
FIGPRESS_DATASET_BYTES = env.int("FIGPRESS_DATASET_BYTES", default=10 << 30)
# The one before the current is what a job reads that had begun when a new version came.
FIGPRESS_DATASET_VERSIONS = env.int("FIGPRESS_DATASET_VERSIONS", default=3)

# --- Workspaces -----------------------------------------------------------------------------------------------
# That one person may own: each is an account with limits of its own, so that without this one there would be none.
FIGPRESS_WORKSPACES = env.int("FIGPRESS_WORKSPACES", default=20)

# --- Upkeep ---------------------------------------------------------------------------------------------------
FIGPRESS_KEEP_DAYS: dict[str, int] = env.dict("FIGPRESS_KEEP_DAYS", subcast_values=int, default={})
FIGPRESS_KEEP_RECORDS: dict[str, int] = env.dict("FIGPRESS_KEEP_RECORDS", subcast_values=int, default={})
FIGPRESS_KEEP_AUDIT = env.int("FIGPRESS_KEEP_AUDIT", default=365)
FIGPRESS_KEEP_JOBS = env.int("FIGPRESS_KEEP_JOBS", default=100)
FIGPRESS_KEEP_VERSIONS = env.int("FIGPRESS_KEEP_VERSIONS", default=5)
FIGPRESS_KEEP_VERSIONS_OF: dict[str, int] = env.dict("FIGPRESS_KEEP_VERSIONS_OF", subcast_values=int, default={})

# --- Gallery ---------------------------------------------------------------------------------------------------
# Some 10 ms and 15 kB a chart: for those who have the pages.
FIGPRESS_THUMBNAILS = env.bool("FIGPRESS_THUMBNAILS", default=True)

# --- Metrics --------------------------------------------------------------------------------------------------
# Nobody but staff, unless one of these says so.
FIGPRESS_METRICS_TOKEN = env.str("FIGPRESS_METRICS_TOKEN", default="")
FIGPRESS_METRICS_LOOPBACK = env.bool("FIGPRESS_METRICS_LOOPBACK", default=False)

# --- Log ------------------------------------------------------------------------------------------------------
# For people where a person looks, else for programs.
FORMATS = validate.OneOf(["json", "text"])
LOG_FORMAT = env.str("LOG_FORMAT", default="text" if sys.stderr.isatty() else "json", validate=FORMATS)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "renderer.logs.LineFormatter", "times": env.bool("LOG_TIMES", default=True)},
        "json": {"()": "renderer.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # The lines of a job are ours (renderer.jobs.announce); Celery would add that it came, that it ended, and each tick.
    "filters": {
        "no_ticks": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: not str(record.msg).startswith("Scheduler: Sending"),
        }
    },
    "loggers": {
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"filters": ["no_ticks"]},
        "celery.worker.strategy": {"level": "WARNING"},
        "matplotlib": {"level": "WARNING"},  # at a first start it tells that it has looked for fonts
    },
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- Reports of errors ----------------------------------------------------------------------------------------
reports.start(env.str("SENTRY_DSN", default=""), release=env.str("SENTRY_RELEASE", default="figpress"))

# --- Traces ---------------------------------------------------------------------------------------------------
# With all other variables of OpenTelemetry, which reads them itself.
traces.start(env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default=""))
