"""The item bank: what is asked, under which framework and scheme."""
