"""Who is kept out, what is unusual, and who did what."""
