"""Load generators of our own: light enough to leave the cores to what is measured."""
