"""Every fact the services tell each other, one file per publisher. Any service may read them all."""
