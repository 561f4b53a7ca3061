"""SampleCollection as observations: thin readers of what `analyse` finds, each sample in a process of its own.

`program_file`, `archive_file`, `lua_file` and `unknown_file` the readers · `analyser` the sandboxed processes ·
`sample_observations` and `configuration_observations` their answers as observations · `decoder_folders` descriptions
of configurations from plug-ins and folders · `side_by_side` several samples at once, in order.
"""
