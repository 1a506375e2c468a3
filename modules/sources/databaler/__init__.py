"""The Databaler portal: its contract, a client and a simulator."""
