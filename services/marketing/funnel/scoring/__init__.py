"""Lead scoring: versioned rules for fit and engagement, and the threshold of an MQL."""
