"""The questions: each tells facts as they are. What goes wrong with a question is its exception."""
