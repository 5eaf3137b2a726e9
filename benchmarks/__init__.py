"""Measurements, side by side with the naive way. `make bench` runs them."""
