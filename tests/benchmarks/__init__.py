"""Side-by-side measurements: `./tranquera bench NAME [--quick]`."""
