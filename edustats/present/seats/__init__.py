"""How are children, seats and teachers of the coming years told to a county and to a prefecture?"""
