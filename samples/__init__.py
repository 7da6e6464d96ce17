"""Films to try vidcomp on: one that this project makes itself, and real ones that are fetched when needed."""
