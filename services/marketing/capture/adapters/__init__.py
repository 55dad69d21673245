"""One pure function per door: what was sent -> the leads in it."""
