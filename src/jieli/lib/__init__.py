"""Pure foundations without models and without domain: the clock, working time, statistics, texts, money, tables of files.

Nothing here knows an app; every app may use it.
"""
