"""What a vehicle is worth: rooms not furnished yet."""
