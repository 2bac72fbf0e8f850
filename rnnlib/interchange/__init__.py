"""Models that leave for another runtime, and models that come from one."""
