"""Stock: what is available, held and sold, and how it got there."""
