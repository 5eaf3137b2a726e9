"""Sources outside of the document: who may read them, and how. ``renderer.data`` gets their rows."""
