from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("renderer", "0011_dataset"),
    ]

    operations = [
        migrations.AddField(
            model_name="chart",
            name="is_draft",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Whether it is only the preview of an editor, and goes after a day.",
            ),
        ),
    ]
