"""The way of a deal: stages with probability and forecast category."""
