"""How do tables come in?"""
