"""The marks of a .NET assembly: the identities of build and project, the framework, the key, and its obfuscator."""

from __future__ import annotations

from collections.abc import Iterator

from consilience.analyse.containers.dotnet import Assembly
from consilience.analyse.marks.mark import Mark

OBFUSCATORS = {
    "ConfusedByAttribute": "ConfuserEx",
    "DotfuscatorAttribute": "Dotfuscator",
    "BabelObfuscatorAttribute": "Babel",
    "YanoAttribute": "Yano",
    "ObfuscatedByGoliath": "Goliath",
    "ProtectedWithCryptoObfuscatorAttribute": "Crypto Obfuscator",
    "PoweredByAttribute": "SmartAssembly",
    "ZYXDNGuarder": "DNGuard",
}
"""The types that obfuscators leave in what they have worked on; several only by name, as anybody could."""

NOT_SHARED = ("file:imphash",)
"""Marks of a PE that every assembly shares: all import the one function that starts .NET."""

_LONGEST = 200


def dotnet_marks(parsed: Assembly) -> Iterator[Mark]:
    """What a .NET assembly shows about its build."""
    if identity := parsed.identity():
        yield Mark("build:id", identity, "module version id")
    attributes = dict(parsed.attributes())
    if guid := attributes.get("GuidAttribute", ""):
        yield Mark("build:id", guid[:_LONGEST].lower(), "GUID attribute", "stays from version to version of a project")
    framework = attributes.get("TargetFrameworkAttribute") or parsed.runtime
    if framework:
        yield Mark("build:toolchain", f".NET {framework[:_LONGEST]}".replace(".NET .NET", ".NET"), "metadata")
    if token := parsed.key_token():
        yield Mark(
            "build:signer",
            f"strong name {token}",
            "assembly",
            "only the public key is read; the strong name was not checked",
        )
    for name in sorted(parsed.types() & OBFUSCATORS.keys()):
        yield Mark("build:obfuscator", OBFUSCATORS[name], f"type {name}", "", "low")
