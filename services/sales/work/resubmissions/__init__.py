"""People who write again while their deal is open."""
