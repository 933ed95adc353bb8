"""A function that can't be loaded."""

raise RuntimeError("no module for you")
