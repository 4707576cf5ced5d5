"""Offers, holds and appointments."""
