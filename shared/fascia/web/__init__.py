"""The web kit: what every service's HTTP side is built from."""
