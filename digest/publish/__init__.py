"""Publishes a built site to static hosting: plans, guards, sends, activates and verifies."""
