"""Lead capture: from a request at a door to a processed submission, with nobody lost between."""
