"""What a thread describes, and which releases fixed it."""
