"""The garbage collector of a process that runs for long and works in batches."""

import gc

# A batch of five hundred leads makes some ten thousand objects that all go together at its end. When they are
# looked for every seven hundred, as is the default, they are found alive a dozen times, with all there is.
OBJECTS_OF_A_BATCH = 10_000


def leave_alone_what_is_loaded() -> None:
    """Once everything is imported: it stays until the end, so no collection looks at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_OF_A_BATCH, 10, 10)
