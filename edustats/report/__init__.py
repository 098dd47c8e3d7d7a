"""How does every county get its report?"""
