"""Commands that outcomes-svc adds to the `fascia` command line."""
