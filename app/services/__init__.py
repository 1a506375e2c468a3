"""What the pages ask: runs, catalogue of files, access. No Streamlit in here."""
