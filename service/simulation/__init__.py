"""Shop weeks in simulated time: which order keeps the most money (rules A1, A4); no I/O."""
