"""Checks of built sites by validators and a browser that nobody here wrote."""
