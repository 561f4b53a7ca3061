"""One activity to known clusters, with a probability each and one for none of these.

`activity` what one source reports at one time, the unit that is compared · `engine` what an engine gives.
"""
