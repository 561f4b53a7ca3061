"""Archives: the programs in them, taken out in a locked process into memory, and never into the file system.

`rules` what an archive may hold, over all that lie in it · `streams` and `aes` packed and hidden bytes, a piece at
a time · `kinds` how each archive begins · `zipped` and `tarred` the two ways of holding a `member` · `tree` archives in
archives.
"""
