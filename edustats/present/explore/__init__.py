"""What does somebody see who looks around: the chart of any frame, an explorer with choices, a page to begin on?"""
