"""The document of the API: what every route takes and gives, generated from the routes."""
