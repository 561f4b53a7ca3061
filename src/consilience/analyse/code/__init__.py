"""Code as features: `x86` where instructions lie · `features` blocks, grams, constants and functions as numbers."""
