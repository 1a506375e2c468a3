"""The portal simulator: the contract over real HTTP, with made-up or given fields, and faults on demand."""
