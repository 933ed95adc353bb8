"""How fast the macro is, as ratios that hold on any machine: `make bench`, `python -m benchmarks --help`."""
