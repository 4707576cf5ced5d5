"""`fascia pay simulate`: show what a pay plan would have paid, before it is switched on."""
