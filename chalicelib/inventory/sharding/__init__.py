"""Hot variants: stock split over shards, so that buyers do not queue on one item."""
