"""The metadata of .NET assemblies against what dnfile reads of it."""

import dnfile
import pytest
from tests.oracle.programs.binaries import pe_files
from tests.unit.analyse.test_dotnet import PLAIN, RAW, assembly

from consilience.analyse.containers import dotnet_tables as tables
from consilience.analyse.containers.dotnet import Assembly, is_assembly
from consilience.analyse.containers.pe import PortableExecutable

ASSEMBLIES = {name: raw for name, raw in pe_files().items() if is_assembly(PortableExecutable(raw))}
FILES = pytest.mark.parametrize("raw", [RAW, assembly(PLAIN, types=("First", "Second")), *ASSEMBLIES.values()])


@FILES
def test_the_metadata_of_an_assembly(raw):
    """Version, streams, the rows of every table and the identity of the module are as dnfile reads them."""
    ours, theirs = Assembly(PortableExecutable(raw)), dnfile.dnPE(data=raw).net
    assert ours.runtime == theirs.metadata.struct.Version.decode().rstrip("\0")
    assert ours.flags == theirs.struct.Flags
    assert set(ours.streams) == {name.decode() for name in theirs.metadata.streams}
    assert {number: len(rows) for number, rows in ours.tables.items()} == {
        each.number: each.num_rows for each in theirs.mdtables.tables_list
    }
    assert ours.identity() == str(theirs.mdtables.Module.rows[0].Mvid)
    names = {
        (tables.TYPE_REF, "name"): "TypeRef.TypeName",
        (tables.TYPE_REF, "space"): "TypeRef.TypeNamespace",
        (tables.TYPE_DEF, "name"): "TypeDef.TypeName",
        (tables.METHOD, "name"): "MethodDef.Name",
        (tables.MEMBER_REF, "name"): "MemberRef.Name",
        (tables.ASSEMBLY_REF, "name"): "AssemblyRef.Name",
        (tables.ASSEMBLY, "name"): "Assembly.Name",
    }
    for (table, column), place in names.items():
        told = [ours.text(int(each)) for each in ours.rows(table)[column]]
        assert told == column_of(theirs.mdtables, place) != []
    assert ours.rows(tables.METHOD)["rva"].tolist() == [each.Rva for each in theirs.mdtables.MethodDef]


def column_of(mdtables, place):
    """A column of a table of dnfile as texts."""
    table, _, column = place.partition(".")
    return [str(getattr(row, column)) for row in getattr(mdtables, table)]


@FILES
def test_the_members_of_an_assembly(raw):
    """Methods with their types, and members of other assemblies with these, are as dnfile leads to them."""
    ours, theirs = Assembly(PortableExecutable(raw)), dnfile.dnPE(data=raw).net.mdtables
    own = {f"{full(kind)}::{method.row.Name}" for kind in theirs.TypeDef for method in kind.MethodList}
    assert ours.names() == sorted(own)
    members = set()
    for member in theirs.MemberRef:
        owner = member.Class
        if owner.row and owner.table.number == tables.TYPE_REF:
            scope, name = reference(owner.row)
            members |= {f"{scope}!{name}::{member.Name}"} if scope else set()
    native = {f"{each.ImportScope.row.Name}!{each.ImportName}" for each in theirs.ImplMap or ()}
    imports = set(ours.imports())
    generic = {each for each in imports - members - native if "`" in each or "[" in each}
    assert members | native <= imports and imports == members | native | generic


def full(row):
    """The name of a type with its namespace."""
    return f"{row.TypeNamespace}.{row.TypeName}" if str(row.TypeNamespace) else str(row.TypeName)


def reference(row):
    """The assembly and the name of a type of elsewhere, those that it lies in first."""
    scope = row.ResolutionScope
    if scope.table.number == tables.TYPE_REF:
        assembly_name, outer = reference(scope.row)
        return assembly_name, f"{outer}+{full(row)}"
    return str(scope.row.Name), full(row)
