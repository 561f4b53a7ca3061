"""Who may know what, and what leaves the case: the only road out.

`rulings` what people decide about partners, markings and retractions · `consequences` what follows for what was sent ·
`partner_view` what a partner may know · `publishing` what is added to a partner's collection · `preview` what they
would conclude beside what we do · `recall` what was in a document that was retracted since · `withdrawal` what must be
sent then.
"""
