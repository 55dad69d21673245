"""How each form does: what it brought, what was refused or not understood, and whether it fell silent."""
