"""Code as features: blocks, grams, constants and functions as numbers.

`x86` lengths of instructions, with `boundaries` where they begin and `instructions` what they are, by the tables of
`operations` · `arm64` the same for AArch64 · `il` .NET · `byte_rows` code that cannot be decoded · `calls` functions
that no table lists · `constants` wide numbers · `features` all of it.
"""
