"""Whether anybody has worked a deal. Pure."""


def is_untouched(*, revision: int, has_activities: bool) -> bool:
    """Nobody has moved, edited, closed or been paid for it, or noted anything: it is as it was opened.

    Each change of a deal's row counts its `revision` up.
    """
    return revision == 1 and not has_activities
