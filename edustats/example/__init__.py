"""What can everyone look at without asking a bureau for data? An invented prefecture, as a bureau
receives it.
"""
