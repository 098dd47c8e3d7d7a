"""What do the numbers say? Arrays or observations in, tables out; no files, no wording, no plotting."""
