"""Which channel a touch came by: rules and lists as data, and one pure function over them."""
