"""Accounts: what a person signs in with, and where they are signed in."""

from __future__ import annotations
