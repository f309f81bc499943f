"""The operator's command line. Never packaged."""
