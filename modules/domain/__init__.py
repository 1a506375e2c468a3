"""The words of the field: seasons, layers and their columns, outcomes of a backup."""
