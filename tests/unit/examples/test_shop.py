"""The example shop: the same for everybody, drawn from its own tables, shown to the public."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db.models import Sum
from django.test import Client
from matplotlib.axes import Axes

from examples.shop import charts, selling
from examples.shop.models import Order, Product, Report, Store
from examples.shop.storage import PublicPictures
from renderer import registry
from renderer.drawing import figures
from renderer.jobs import charts as renderer_charts
from renderer.jobs import executor
from renderer.models import RenderJob
from renderer.models.job import Status, Trigger
from renderer.recipe import Recipe
from renderer.sources.supplier import OwnersSupplier
from renderer.spec.source import Source

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> None:
    """The whole shop."""
    selling.seed()


def _drawn(name: str, **params: Any) -> Axes:
    """The axes that a figure function has drawn on."""
    function = registry.get(name)
    canvas = figures.new_figure()
    with figures.style():
        function.call(canvas, function.validate(params))
        canvas.draw_without_rendering()
    return canvas.axes[0]


def test_everybody_sees_the_same_shop(shop: None) -> None:
    totals = {store.name: store.orders.aggregate(n=Sum("amount"))["n"] for store in Store.objects.all()}
    Order.objects.all().delete()
    Product.objects.all().delete()
    Store.objects.all().delete()
    Report.objects.all().delete()
    selling.seed()
    assert totals == {store.name: store.orders.aggregate(n=Sum("amount"))["n"] for store in Store.objects.all()}
    assert Order.objects.count() > 5_000


def test_seeding_twice_adds_nothing(shop: None) -> None:
    before = Order.objects.count()
    selling.seed()
    assert Order.objects.count() == before


def test_an_order_costs_what_its_products_do(shop: None) -> None:
    for order in Order.objects.select_related("product")[:200]:
        assert order.amount == order.quantity * order.product.price
        assert order.placed_at >= selling.FIRST_DAY


def test_a_chart_spec_reads_the_orders_through_a_dataset_function(shop: None, media: Path) -> None:
    ada = User.objects.create_user("ada")
    chart, _ = renderer_charts.create(ada, Recipe.from_spec(charts.WEEKLY_REVENUE, owner=ada))
    job = renderer_charts.render(chart, trigger=Trigger.CODE).job
    executor.execute(job.pk, worker="w@host#1", task_id="task")
    chart.refresh_from_db()
    assert chart.image
    assert all(word in chart.alt.lower() for word in ("beans", "tea", "gifts"))

    supply = OwnersSupplier(ada).supply(Source(dataset="shop.orders", params={"store_id": 0}), "/data")
    assert supply.length == 0
    supply = OwnersSupplier(ada).supply(Source(dataset="shop.orders"), "/data")
    assert supply.length == Order.objects.filter(placed_at__year=2026).count()
    total = Order.objects.filter(placed_at__year=2026).aggregate(n=Sum("amount"))["n"]
    assert supply.columns["amount"]().values.sum() == pytest.approx(float(total))


def test_the_revenue_chart_has_a_bar_for_each_month_as_high_as_its_orders(shop: None) -> None:
    store = Store.objects.get(name="Kanal Kaffee")
    axes = _drawn("shop.monthly_revenue", store_id=store.pk)
    last_year, this_year = axes.containers
    assert [patch.get_height() for patch in this_year.patches] == pytest.approx(  # type: ignore[attr-defined]  # a BarContainer
        [
            float(store.orders.filter(placed_at__year=2026, placed_at__month=m).aggregate(n=Sum("amount"))["n"] or 0)
            for m in range(1, 13)
        ]
    )
    assert all(patch.get_height() > 0 for patch in last_year.patches)  # type: ignore[attr-defined]  # as above
    total = store.orders.filter(placed_at__year=2026).aggregate(n=Sum("amount"))["n"]
    assert axes.get_title(loc="left") == f"Kanal Kaffee: €{total:,.0f} in 2026"


def test_new_orders_change_the_chart(shop: None) -> None:
    store = Store.objects.get(name="Nordlys Kaffe")
    before = _drawn("shop.monthly_revenue", store_id=store.pk).get_title(loc="left")
    selling.sell(store, 20, chance=random.Random(1))
    assert _drawn("shop.monthly_revenue", store_id=store.pk).get_title(loc="left") != before


def test_best_sellers_come_in_order(shop: None) -> None:
    axes = _drawn("shop.best_sellers", top=5)
    widths = [patch.get_width() for container in axes.containers for patch in container.patches]  # type: ignore[attr-defined]  # as above
    assert len(widths) == 5
    assert widths == sorted(widths, reverse=True)
    best = Product.objects.annotate(n=Sum("orders__amount", default=0)).order_by("-n").first()
    assert best
    assert best.name in [label.get_text() for label in axes.get_yticklabels()]


@pytest.mark.parametrize("name", ["shop.monthly_revenue", "shop.best_sellers"])
def test_an_empty_shop_is_drawn_too(name: str) -> None:
    store = Store.objects.create(name="New", city="Rome")
    _drawn(name, **({"store_id": store.pk} if "revenue" in name else {}))


def test_every_picture_is_drawn_onto_its_field(shop: None, media: Path) -> None:
    for job in charts.draw_all():
        executor.execute(job.pk, worker="test#1", task_id=str(job.pk))
    assert {job.status for job in RenderJob.objects.all()} == {Status.SUCCEEDED}
    for picture in [*(store.revenue_chart for store in Store.objects.all()), Report.objects.get().image]:
        assert Path(picture.path).is_relative_to(media / "public")
        assert picture.url.startswith("/media/")
        assert (picture.width, picture.height) == (1600, 1000)


def test_the_command_fills_the_shop_and_asks_for_its_charts() -> None:
    call_command("seed_shop", "--sell", "3", verbosity=0)
    assert RenderJob.objects.filter(status=Status.QUEUED).count() == 4


def test_anybody_sees_the_page_and_its_pictures(shop: None, client: Client) -> None:
    page = client.get("/shop/")
    assert page.status_code == 200
    assert "Kanal Kaffee" in page.content.decode()
    assert "Sell something" not in page.content.decode()

    name = PublicPictures().save("stores/x.png", ContentFile(b"picture"))
    answer = client.get(f"/media/{name}")
    assert (answer.content, answer["Content-Type"]) == (b"picture", "image/png")
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "charts/private.png",
        "../charts/private.png",
        "..%2fcharts/private.png",
        "stores/",
        "stores.png",
        "stores/x.html",
    ],
)
def test_the_pictures_of_users_have_no_public_address(client: Client, path: str) -> None:
    default_storage.save("charts/private.png", ContentFile(b"private"))
    PublicPictures().save("stores/x.png", ContentFile(b"picture"))
    PublicPictures().save("stores/x.html", ContentFile(b"not a picture"))
    assert client.get(f"/media/{path}").status_code == 404


def test_only_who_is_signed_in_sells(shop: None, client: Client) -> None:
    before = Order.objects.count()
    assert client.post("/shop/sell/").status_code == 302
    assert Order.objects.count() == before
    client.force_login(User.objects.create_user("ada"))
    assert client.get("/shop/sell/").status_code == 405
    answer = client.post("/shop/sell/")
    assert (answer.status_code, answer["Location"]) == (302, "/shop/")
    assert Order.objects.count() == before + 180
    assert RenderJob.objects.count() == 4
