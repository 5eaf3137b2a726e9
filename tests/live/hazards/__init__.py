"""An app whose figure functions do to a worker what should not be done to it. Installed by FIGPRESS_APPS."""
