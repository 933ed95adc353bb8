"""`samstream verify`: what of a stack's streaming is really deployed."""
