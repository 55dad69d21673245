"""Side-by-side measurements on real servers: `make bench`, or `python -m benchmarks --help`."""
