"""Lead generation of TikTok."""
