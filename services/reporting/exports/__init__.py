"""What reporting hands out as files: lists and Annex 2 as Excel sheets, .csv and .pdf."""
