"""A run's process: it meets the browser, and pulls the program that the browser watches."""
