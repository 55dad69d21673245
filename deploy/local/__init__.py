"""Everything on one machine: real servers, and a supervised stack on them."""
