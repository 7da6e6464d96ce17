"""The Little Theatre: films made from a story, so that everything seen, heard and written in them is known."""
