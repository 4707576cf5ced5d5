"""What an operator sees: logs, metrics and traces, none of which holds anything about a person."""
