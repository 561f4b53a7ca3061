"""The nouns of the product: frozen values without input or output.

`source` who said it · `subject` what shows traits · `trait` a comparable characteristic · `observation` one
statement with its place · `snapshot` everything known at a date · `evidence` what one comparison gives ·
`relation` two subjects with a position on each axis · `hypothesis` one rival account · `assessment` the judgement ·
`audit` what shows that a case is as it was written · `protocols` what a reader and a keeper must do · `errors` the one
tree of errors · `printable` values as text that deceives nobody.
"""
