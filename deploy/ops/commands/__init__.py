"""One file per group of the `leadloop` program's commands."""
