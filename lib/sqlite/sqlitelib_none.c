/* A kt without SQLite: what uses it has stand-ins of its own. */
_Static_assert(1, "a source has to hold something");
