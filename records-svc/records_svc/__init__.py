"""Clinical records, from intake to signed session notes."""
