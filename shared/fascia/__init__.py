"""What every Fascia service is built from, and nothing of any one service."""
