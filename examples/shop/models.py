"""What the shop knows: where it sells, what it sells, what was bought."""

from __future__ import annotations

from django.db import models

from examples.shop.storage import PublicPictures
from renderer import FigureField


class Store(models.Model):
    """One of the stores. Its revenue chart is drawn from its orders."""

    name = models.CharField(max_length=100, unique=True)
    city = models.CharField(max_length=100)
    revenue_chart = FigureField(
        "shop.monthly_revenue",
        params=lambda store: {"store_id": store.pk},
        upload_to="stores/",
        storage=PublicPictures(),
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """Something on the shelf."""

    class Category(models.TextChoices):
        """Where it stands."""

        BEANS = "beans", "Beans"
        EQUIPMENT = "equipment", "Equipment"
        TEA = "tea", "Tea"
        GIFTS = "gifts", "Gifts"

    name = models.CharField(max_length=100, unique=True)
    category = models.CharField(max_length=12, choices=Category)
    price = models.DecimalField(max_digits=8, decimal_places=2, help_text="In euros.")

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Order(models.Model):
    """One thing bought once, at the price of that day."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="orders")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="orders")
    quantity = models.PositiveSmallIntegerField()
    amount = models.DecimalField(max_digits=10, decimal_places=2, help_text="Quantity x price, in euros.")
    placed_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("placed_at", "id")

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product}"


class Report(models.Model):
    """A page for the owners. Its picture is a plain ImageField: nothing about it knows Figpress."""

    title = models.CharField(max_length=200)
    year = models.PositiveSmallIntegerField(unique=True)
    image = models.ImageField(upload_to="reports/", storage=PublicPictures(), blank=True)

    class Meta:
        ordering = ("-year",)

    def __str__(self) -> str:
        return self.title
