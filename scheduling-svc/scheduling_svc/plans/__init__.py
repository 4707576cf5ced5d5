"""Plans of regions' days: assembled from what is stored, solved, approved or published, and kept up after bookings."""
