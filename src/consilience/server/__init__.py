"""The TAXII 2.1 server: what partners fetch, and where they send.

`app` the resources · `door` who may come in, and with what · `view` pages of the release log of one partner ·
`filters` what a request asks for, and the cursors · `running` a process that serves.

What a partner is answered is a function of their own release log, of their keys and of what they sent: of nothing
else that the case holds. Nothing here adds to that log; `partner publish` does.
"""

from __future__ import annotations
