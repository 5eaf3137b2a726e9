"""The language as JSON Schema (draft 2020-12): what editors complete and clients check before they send."""

from __future__ import annotations

DIALECT = "https://json-schema.org/draft/2020-12/schema"
