"""Who works where and when: practice settings, locations, rooms, service types, therapists, shifts."""
