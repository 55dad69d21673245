"""People whom a rep finds by themselves, instead of being given their lead."""
