"""What a practice expects: where patients will call from, by where its visits were in the weeks before."""
