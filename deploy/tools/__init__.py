"""What building and checking needs: bootstrap, migrations' check, generated pages."""
