"""How Leadloop is run: operators' commands, the local stack, the demo, the build's tools."""
