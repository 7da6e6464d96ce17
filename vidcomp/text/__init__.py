"""What a film says and shows in words: read beside it, heard, read on screen; and found again by a question."""
