"""Scripts that reproduce a result without poolgate."""
