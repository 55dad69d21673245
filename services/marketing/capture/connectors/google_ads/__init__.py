"""Lead forms of Google Ads."""
