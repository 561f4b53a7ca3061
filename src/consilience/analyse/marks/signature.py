"""The marks of signatures: the signer, its certificate, and signatures that were copied from another file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from consilience.analyse.marks.authenticode import Signature
from consilience.analyse.marks.certificate import name_text
from consilience.analyse.marks.mark import Mark

NO_TRUST = "so the file is the one that was signed; whether the certificate can be trusted was not checked"
MAX_CHAIN = 4
ROLE = "code-signing"
"""What such a certificate is for. Without it, it would count as a certificate of a server, for the infrastructure."""


def signature_marks(signatures: Sequence[Signature]) -> Iterator[Mark]:
    """Who signed a file. The certificate is given only where the signature is of this file: others can be copied."""
    for each in signatures:
        if not each.chain:
            continue
        first, place = each.chain[0], f"signature at {each.place:#x}"
        reasons = list(_contradictions(each))
        yield Mark("build:signer", first.name, place, _note(each), "low" if reasons else "")
        for reason in reasons:
            yield Mark("build:inconsistent", f"build:signer {first.name}", place, reason)
        if not reasons:
            note = f"signs code for {name_text(first.subject)}"
            yield Mark("x509-certificate:sha1", first.digest("sha1"), place, note, role=ROLE)
            yield Mark("x509-certificate:sha256", first.digest("sha256"), place, note, role=ROLE)
            note += f", issued by {name_text(first.issuer)}"
            yield Mark("x509-certificate:serial", first.serial, place, note, role=ROLE)


def _contradictions(signature: Signature) -> Iterator[str]:
    if not signature.intact:
        yield "the signed digest is not that of this file: the file was changed, or the signature is of another"
    if signature.fits is False:
        yield "the signature was not made with the key of the certificate that it names"


def _note(signature: Signature) -> str:
    first = signature.chain[0]
    times = [f"time stamp {signature.stamped}"] if signature.stamped else []
    times += [f"signed {signature.claimed} as the signer says"] if signature.claimed else []
    late = signature.stamped and not first.begins <= signature.stamped <= first.ends
    above = " < ".join(each.name for each in signature.chain[1 : MAX_CHAIN + 1])
    parts = [
        f"{name_text(first.subject)}; serial {first.serial}; valid {first.begins} to {first.ends}",
        f"chain: {above or name_text(first.issuer)}",
        *times,
        *(["the time stamp lies outside of the validity"] if late else []),
        f"the {signature.algorithm} digest {'is' if signature.intact else 'is not'} that of the file",
        {
            True: "signed with the key of the certificate",
            False: "not signed with the key of the certificate",
            None: "whether its key signed was not checked",
        }[signature.fits],
        NO_TRUST,
    ]
    return "; ".join(parts)
