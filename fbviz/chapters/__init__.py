"""The chapters. Each is a room: a folder with its words in every language, and whatever only it needs."""
