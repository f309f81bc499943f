"""The storefront's files as they lie there: no browser, no server."""
