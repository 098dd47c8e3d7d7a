"""One number of many: an index from a declared set, how sure its order is, and what is said to follow from growth."""
