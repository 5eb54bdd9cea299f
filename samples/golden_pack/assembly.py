"""Puts the families together, in the order of the manifest."""

from pathlib import Path

from golden_pack import (
    business,
    caller_cases,
    codes,
    consultations,
    decision_rows,
    deliveries,
    gate_bytes,
    gate_certificates,
    gate_envelopes,
    gate_signatures,
    gate_times,
    holder_breaches,
    holders,
    operation_cases,
    pick_ups,
    refusals,
    rights,
    services,
    structure,
)
from golden_pack.sample import Pack, write_json
from golden_pack.structure_cases import THREE
from golden_pack.structure_reports import FORTY
from golden_pack.world import WORLD


def make_pack(folder: Path) -> Pack:
    """Write the whole pack into ``folder`` and return it."""
    pack = Pack()
    consultations.add(pack)
    pick_ups.add(pack)
    holders.add(pack)
    decision_rows.add(pack)
    deliveries.add(pack)
    codes.add(pack)
    services.add(pack)
    rights.add(pack)
    broken = structure.add(pack)
    refusals.add(pack, broken=broken[THREE], very_broken=broken[FORTY])
    gate_bytes.add(pack)
    gate_envelopes.add(pack)
    gate_times.add(pack)
    gate_signatures.add(pack)
    gate_certificates.add(pack)
    business.add(pack)
    caller_cases.add(pack)
    operation_cases.add(pack)
    holder_breaches.add(pack)
    pack.write(folder)
    write_json(folder / "messages" / "world.json", WORLD)
    return pack
