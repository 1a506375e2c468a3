"""Pages of Streamlit's as the peers' documentation shows them, and the script that watches a map in the browser."""
