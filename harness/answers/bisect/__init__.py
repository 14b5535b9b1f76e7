"""The search for the commit or release that changed a result."""
