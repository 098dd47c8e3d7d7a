"""How is it said what worked, what schools added and which programmes end?"""
