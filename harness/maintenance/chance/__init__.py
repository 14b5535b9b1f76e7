"""The proof that `gate` judges chance fairly: gates that were measured, and gates that are simulated from them."""
