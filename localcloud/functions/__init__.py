"""The shop's functions: their rows in infra/functions.toml, and what follows from a row."""
