"""`samstream repair`: streaming on a live API without its template."""
