"""One module a kind of hosting; each is loaded when a target of its scheme is used."""
