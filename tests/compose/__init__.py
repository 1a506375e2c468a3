"""The composed stack: the file itself, and rehearsals on a real engine where there is one."""
