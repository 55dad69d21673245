"""Handing deals over: to another rep, one by one or all of somebody's, with what is planned for them."""
