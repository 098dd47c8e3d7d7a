"""How is a result said, tabulated and drawn?"""
