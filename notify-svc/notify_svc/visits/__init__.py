"""What a patient is told of a visit when it is booked, moved or cancelled, and while it runs late."""
