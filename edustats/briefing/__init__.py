"""What does a draft say about its numbers, and is it right?"""
from edustats.briefing.claims import find_claims
from edustats.briefing.text import clean
def check(text, reference=None, markup=""):
    return find_claims(clean(text, markup))
