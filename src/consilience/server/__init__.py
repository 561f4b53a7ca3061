"""The TAXII 2.1 server: what partners fetch, and where they send.

`app` the resources · `authentication` who may ask, and with what · `release_log` that of one partner, page by page ·
`filters` what a request asks for, and the cursors · `running` a process that serves.

What a partner is answered is a function of their own release log, of their keys and of what they sent: of nothing
else that the case holds. Nothing here adds to that log; `partner publish` does.
"""

from __future__ import annotations
