"""The lists that people choose from: why deals are lost, competitors, kinds of objections."""
