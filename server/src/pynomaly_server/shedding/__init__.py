"""What the server refuses when it has too much to do, so that the rest goes on: a lane per class of work."""
