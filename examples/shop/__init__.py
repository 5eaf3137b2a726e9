"""A small coffee roaster with three stores: how an app of your own uses Figpress."""
