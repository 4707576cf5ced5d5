"""Who the practice cares for: names, contact, address, consent to be messaged."""
