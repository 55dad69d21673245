"""Lead ads of Meta (Facebook and Instagram)."""
