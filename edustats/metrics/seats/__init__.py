"""How many children will want a seat, where and when, how likely is it, and what should be built or closed?

``structure`` says who moves into which grade, ``ages`` makes one intake out of births and age groups, ``cohorts``
holds a prefecture's past, ``ratios`` learns how many of a grade arrive in the next, ``simulation`` carries that on
along many paths, ``scenarios`` changes them, ``capacity`` and ``resources`` hold them against seats, teachers and
money, ``planning`` chooses what to do, ``backtest`` tells how wrong the same method was before, ``census`` bridges
two censuses ten years apart.
"""
