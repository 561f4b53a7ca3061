"""What is fetched from elsewhere: one way out, and the feeds that use it.

`gate` what may be asked of whom, by the marking of what the question reveals · `address` where a name leads, and
whether we go there · `egress` the one client · `taxii` pages of a TAXII 2.1 collection.
"""

from consilience.read.remote.egress import Egress
from consilience.read.remote.gate import RequestKind
from consilience.read.remote.taxii import Collection, Credentials, Page, bundle_of, pages, version

__all__ = ["Collection", "Credentials", "Egress", "Page", "RequestKind", "bundle_of", "pages", "version"]
