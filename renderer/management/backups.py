"""A backup: a folder with a dump of the database and every file that it names, and the way back from it.

The dump comes first and the files after it: a picture is written before a row names it, so whatever the dump names was
there when it was made. Until it is copied it may be let go of, by a newer picture or by upkeep. Then the next round
makes a new dump; files are never overwritten, so what was copied stays right, and each round has less to do than the
one before. What is missing after the last round was gone by itself, and is drawn again after the way back.

    manifest.json   written last: a folder without it is none
    SHA256SUMS      of the dump and of each file; sha256sum --check SHA256SUMS reads it
    database.*      the dump
    files/<n>/...   what the database names in storage n, under the same names
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.core.files import File
from django.core.files.storage import Storage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import FileField
from django.utils import timezone
from django.utils.crypto import salted_hmac

from renderer.jobs import dispatch, lifecycle, pictures
from renderer.management import dumps
from renderer.models import RenderJob, Rendition, Worker
from renderer.models.job import Status
from renderer.webhooks import deliveries

ROUNDS: Final = 5
CHUNK: Final = 1 << 20
MANIFEST: Final = "manifest.json"
SUMS: Final = "SHA256SUMS"

Say = Callable[[str], None]


class NoBackup(Exception):
    """It cannot be made, or cannot be taken. The message says why, and what to do."""


@dataclass(slots=True)
class Place:
    """A storage, and the columns that name files in it."""

    storage: Storage
    fields: list[FileField] = field(default_factory=list)

    @property
    def labels(self) -> list[str]:
        """Its columns in words; by them the storage is found on the way back."""
        return sorted(f"{one.model._meta.label_lower}.{one.name}" for one in self.fields)


@dataclass(slots=True)
class Made:
    """What came of a backup."""

    rounds: int = 0
    files: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)
    """Files that a row names and nobody has."""
    damaged: list[str] = field(default_factory=list)
    """Pictures that are not what their row says."""


@dataclass(slots=True)
class Taken:
    """What came of the way back."""

    made_at: str = ""
    files: int = 0
    bytes: int = 0
    verified: int = 0
    """Pictures whose bytes are those that their row tells of."""
    damaged: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    migrated: int = 0
    given_back: int = 0
    """Jobs that were being drawn at that moment."""
    waiting: int = 0
    same_key: bool = True


def places() -> list[Place]:
    """Every storage that a file field of an installed app writes to, a project's own apps included."""
    found: dict[str, Place] = {}
    for model in apps.get_models():
        for one in model._meta.local_fields:
            if isinstance(one, FileField) and model._meta.managed:
                key = f"{type(one.storage).__qualname__} {getattr(one.storage, 'location', '')} " + str(
                    getattr(one.storage, "bucket_name", "")
                )
                found.setdefault(key, Place(one.storage)).fields.append(one)
    return sorted(found.values(), key=lambda place: place.labels)


def make(into: Path, say: Say) -> Made:
    """Back up into a new folder, while jobs run. Raises NoBackup, DumpFailed, or OSError for a folder without room."""
    if into.exists() and any(into.iterdir()):
        raise NoBackup(f"{into} is not empty: name a new folder for each backup.")
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    into.chmod(0o700)
    made, there = Made(), places()
    sums: dict[str, str] = {}
    dump = into / dumps.name()
    while True:
        made.rounds += 1
        began = timezone.now()
        with dumps.dump(dump) as rows:
            named = {n: _named(place, rows) for n, place in enumerate(there)}
            kept = {str(file): str(sha256) for file, sha256 in rows(_DIGESTS)}
            migrations = [".".join(row) for row in rows("SELECT app, name FROM django_migrations ORDER BY id")]
        total = sum(map(len, named.values()))
        say(f"round {made.rounds}: the database of {began:%H:%M:%S} names {total:,} files")
        before, made.missing = made.missing, list(_copy(into, there, named, sums))
        # What was gone before stays so; else a new dump does not name any more what went while files were copied.
        if not made.missing or made.missing == before or made.rounds == ROUNDS:
            break
    wanted = {f"files/{n}/{name}" for n, names in named.items() for name in names}
    for path in sums.keys() - wanted:  # of an earlier round, and let go of since
        (into / path).unlink()
        del sums[path]
    made.files, made.bytes = len(sums), sum((into / path).stat().st_size for path in sums)
    made.damaged = [path for path, digest in sums.items() if kept.get(path.split("/", 2)[2], digest) != digest]
    sums[dump.name] = _digest(dump)
    (into / SUMS).write_text("".join(f"{digest}  {path}\n" for path, digest in sorted(sums.items())))
    manifest = {
        "figpress": 1,
        "made_at": began.isoformat(),
        "database": dump.name,
        "storages": [place.labels for place in there],
        "migrations": migrations,
        "files": made.files,
        "bytes": made.bytes,
        "missing": made.missing,
        "secret_key": _key(),
    }
    (into / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    return made


_DIGESTS: Final = f"SELECT file, sha256 FROM {Rendition._meta.db_table}"  # noqa: S608 - a table's own name


def _named(place: Place, rows: dumps.Rows) -> set[str]:
    quote = connection.ops.quote_name
    names: set[str] = set()
    for one in place.fields:
        statement = f"SELECT {quote(str(one.column))} FROM {quote(one.model._meta.db_table)}"  # noqa: S608 - names of our own
        names.update(str(name) for (name,) in rows(statement) if name)
    return names


def _copy(into: Path, there: list[Place], named: dict[int, set[str]], sums: dict[str, str]) -> Iterator[str]:
    """Copy what is not there yet. Yields what is gone."""
    for n, names in named.items():
        for name in sorted(names):
            path = f"files/{n}/{name}"
            if path in sums:
                continue
            to = _inside(into / "files" / str(n), name)
            try:
                with there[n].storage.open(name) as source:
                    sums[path] = _write(source, to)
            except FileNotFoundError:
                yield path


def _write(source: File[bytes], to: Path) -> str:
    digest = hashlib.sha256()
    to.parent.mkdir(parents=True, exist_ok=True)
    with to.open("xb") as sink:
        for chunk in source.chunks(CHUNK):
            digest.update(chunk)
            sink.write(chunk)
        sink.flush()
        os.fsync(sink.fileno())
    return digest.hexdigest()


def _inside(folder: Path, name: str) -> Path:
    path = folder / name
    if ".." in Path(name).parts or Path(name).is_absolute():
        raise NoBackup(f"a row names a file outside of its storage: {name!r}")
    return path


def take(source: Path, say: Say) -> Taken:
    """Fill an empty database and storage from a backup, and bring back to life what was under way in it.

    Nothing is written before the whole backup was read once and is what it was. Raises NoBackup and DumpFailed.
    """
    manifest, sums = _read(source)
    if not dumps.is_empty():
        raise NoBackup("This database has tables already: restore into an empty one, and let nothing else use it.")
    if manifest["database"] != dumps.name():
        raise NoBackup(f"The backup is a {manifest['database']}, and this database needs a {dumps.name()}.")
    _refuse_newer(manifest)
    say(f"reading {len(sums):,} files once, to see that they are whole")
    if rotten := [path for path, digest in sums.items() if _digest(source / path) != digest]:
        raise NoBackup(f"The backup is damaged: {rotten[0]} is not what it was, and {len(rotten) - 1} others.")
    taken = Taken(made_at=manifest["made_at"], missing=manifest["missing"])
    taken.same_key = manifest["secret_key"] == _key()
    say("files")
    for path in sums:
        if path.startswith("files/"):
            _, n, name = path.split("/", 2)
            _put(_storage(manifest["storages"][int(n)]), name, source / path)
            taken.files += 1
            taken.bytes += (source / path).stat().st_size
    say("database")
    dumps.fill(source / manifest["database"])
    executor = MigrationExecutor(connection)
    taken.migrated = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if taken.migrated:
        say(f"{taken.migrated} newer migrations")
        call_command("migrate", interactive=False, verbosity=0)
    _revive(taken)
    say("looking at every picture")
    _verify(taken)
    return taken


def _read(source: Path) -> tuple[dict[str, Any], dict[str, str]]:
    try:
        manifest = json.loads((source / MANIFEST).read_text())
        lines = (source / SUMS).read_text().splitlines()
    except FileNotFoundError as error:
        missing = Path(str(error.filename)).name
        raise NoBackup(f"{source} is no whole backup: it has no {missing}, which is written at its end.") from None
    return manifest, {path: digest for digest, _, path in (line.partition("  ") for line in lines)}


def _refuse_newer(manifest: dict[str, Any]) -> None:
    known = {f"{app}.{name}" for app, name in MigrationExecutor(connection).loader.disk_migrations}
    installed = {config.label for config in apps.get_app_configs()}
    newer = [one for one in manifest["migrations"] if one not in known and one.partition(".")[0] in installed]
    if newer:
        raise NoBackup(f"The backup was made by a newer release, which has {newer[-1]}: install that one first.")


def _storage(labels: list[str]) -> Storage:
    for label in labels:
        model, _, name = label.rpartition(".")
        try:
            found = apps.get_model(model)._meta.get_field(name)
        except LookupError:
            continue
        if isinstance(found, FileField):
            return found.storage
    raise NoBackup(f"No installed app has {labels[0]}, whose files are in the backup: install it first.")


def _put(storage: Storage, name: str, source: Path) -> None:
    """Under its own name: rows tell it. What is there already under this name is the same file, or it is refused."""
    if storage.exists(name):
        with storage.open(name) as there:
            if _digest_of(there) == _digest(source):
                return
        raise NoBackup(f"The storage holds another {name} already: restore into an empty one.")
    with source.open("rb") as file:
        stored = storage.save(name, File(file, name=name))
    if stored != name:
        raise NoBackup(f"The storage calls {name} {stored}: rows would not find it.")


def _revive(taken: Taken) -> None:
    """Nobody of then is there any more: what was being drawn or delivered waits again, and that costs no attempt."""
    Worker.objects.all().delete()
    for job in RenderJob.objects.filter(status=Status.RUNNING):
        taken.given_back += lifecycle.release(lifecycle.Claim(job, job.attempt))
        pictures.discard_of(job)
    deliveries.give_back(timezone.now())
    waiting = RenderJob.objects.filter(status=Status.QUEUED)
    taken.waiting = waiting.count()
    # The broker may be empty, or away: then the first worker's patrol sends them.
    dispatch.publish(waiting.only("queue")[: dispatch.AHEAD])


def _verify(taken: Taken) -> None:
    for place in places():
        for one in place.fields:
            rows: Any = one.model._base_manager.exclude(**{one.name: ""}).exclude(**{f"{one.name}__isnull": True})
            is_picture = one.model is Rendition
            columns = (one.name, "sha256") if is_picture else (one.name,)
            for name, *digest in rows.order_by("pk").values_list(*columns).iterator(chunk_size=500):
                try:
                    with place.storage.open(str(name)) as file:
                        same = not digest or _digest_of(file) == digest[0]
                except FileNotFoundError:
                    if not any(path.endswith(f"/{name}") for path in taken.missing):
                        taken.missing.append(str(name))
                    continue
                if not same:
                    taken.damaged.append(str(name))
                elif digest:
                    taken.verified += 1


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest_of(file: File[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _key() -> str:
    """Tells whether two installations have the same SECRET_KEY, and nothing about it."""
    return salted_hmac("renderer.management.backups", "the same key", algorithm="sha256").hexdigest()[:16]
