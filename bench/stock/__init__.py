"""Stock under load: what is held and refused, how fast, and what it costs."""
