"""What Tranquera knows of farms, portals and files; no Prefect and no Streamlit in here."""
