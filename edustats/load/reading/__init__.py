"""What does a table say of itself? Title, units, headings, years, areas, stages and totals, each with its evidence."""
