# What the rules find (ruleid) and what they leave alone (ok). Nothing here is ever run.
import json

# ruleid: no-pyplot
import matplotlib.pyplot as plt
# ruleid: no-pyplot
from matplotlib import pyplot
# ok: no-pyplot
from matplotlib.figure import Figure
# ruleid: no-pickle
import pickle
# ruleid: no-pickle
import marshal
# ok: no-pickle
import json as pickled
# ruleid: no-http-but-the-fetcher
import requests
# ruleid: no-http-but-the-fetcher
import urllib.request
# ok: no-http-but-the-fetcher
import urllib.parse
from django.db.models import Q
from django.utils.html import format_html
from django.utils.safestring import mark_safe


def draw(ax, spec, style, kind, width):
    # ruleid: no-spec-as-keywords
    ax.plot([1], [2], **spec)
    # ruleid: no-spec-as-keywords
    Figure(**style)
    # ok: no-spec-as-keywords
    ax.plot([1], [2], linewidth=width)
    # ruleid: no-getattr-on-axes
    getattr(ax, kind)([1], [2])
    # ok: no-getattr-on-axes
    getattr(ax, "title", None)


def send(task):
    # ruleid: no-pickle
    task.apply_async(serializer="pickle")
    # ok: no-pickle
    task.apply_async(serializer="json")


def show(title):
    # ruleid: no-mark-safe
    mark_safe(title)
    # ruleid: no-mark-safe
    format_html(f"<b>{title}</b>")
    # ok: no-mark-safe
    return format_html("<b>{}</b>", title)


def find(request, rows):
    # ruleid: no-lookups-of-users
    rows.filter(**request.GET)
    wanted = json.loads(request.body)
    # ruleid: no-lookups-of-users
    rows.filter(Q(**wanted))
    # ruleid: no-lookups-of-users
    rows.order_by(request.GET["order"])
    # ok: no-lookups-of-users
    return rows.filter(**{"name": "x"})


def work(job):
    # ruleid: no-bare-except
    try:
        job()
    except:
        return None
    # ok: no-bare-except
    try:
        job()
    except ValueError:
        return None


def ask(cursor, rows, name):
    # ruleid: no-extra
    rows.extra(where=[name])
    # ruleid: no-sql-from-pieces
    cursor.execute("SELECT * FROM charts WHERE name = '%s'" % name)
    # ruleid: no-sql-from-pieces
    rows.raw(f"SELECT * FROM charts WHERE name = '{name}'")
    # ok: no-sql-from-pieces
    cursor.execute("SELECT * FROM charts WHERE name = %s", [name])
    # ok: no-extra
    rows.filter(name=name)
