"""At home in frameworks: each module here imports its framework, and nothing imports it unless it is used."""
