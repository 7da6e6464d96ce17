"""One Day in Port Almond: a film made from a story, so that everything seen, heard and written in it is known."""
