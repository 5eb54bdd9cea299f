"""One institution on the command line: what would change, who changed it, shown, suspended, resumed."""

import json

from cli_runs import CPAS, OTHER_CPAS, call, institutions_text

from rse_gateway.domain.access import Institution
from rse_gateway.domain.bounds import MAX_NAME, MAX_TELEPHONE
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.registration.changes import change_of
from rse_gateway.store.registration import InstitutionRecord


def _rows(settings) -> list[dict[str, str]]:
    found = call(
        "log", "find", "--kind", "INSTITUTION_CHANGED", "--reason", "test", "--json", settings=settings
    )
    return [row["record"] for row in json.loads(found.out)]


def _import(settings, file, *options: str):
    return call("institutions", "import", file, *options, settings=settings)


def test_a_dry_run_says_what_would_change_and_registers_nothing(settings, institutions_file) -> None:
    first = _import(settings, institutions_file(institutions_text()), "--dry-run")
    assert (first.code, first.out.startswith(f"{CPAS}: registered; key added ")) == (0, True)
    assert json.loads(call("institutions", "list", "--json", settings=settings).out) == []
    assert _rows(settings) == []
    _import(settings, institutions_file(institutions_text()))
    other = institutions_text(name_nl='"Andere naam"', quota="7", certificates="")
    (change,) = json.loads(_import(settings, institutions_file(other), "--dry-run", "--json").out)["changes"]
    assert change["fields"] == ["keys", "name_nl", "quota"]
    assert (len(change["keys_added"]), len(change["keys_removed"])) == (0, 1)
    assert "nothing changes" in _import(settings, institutions_file(institutions_text()), "--dry-run").out


def test_each_changed_institution_is_a_row_that_says_who_changed_what(settings, institutions_file) -> None:
    both = institutions_text() + institutions_text(cbe_number=f'"{OTHER_CPAS}"', certificates="")
    _import(settings, institutions_file(both))
    changed = institutions_text(quota="9") + institutions_text(cbe_number=f'"{OTHER_CPAS}"', certificates="")
    _import(settings, institutions_file(changed))
    rows = _rows(settings)
    assert sorted(row["holding"] for row in rows) == [CPAS, CPAS, OTHER_CPAS]
    assert all(row["reason"].startswith("operator:") for row in rows)
    assert [row["holding"] for row in rows if row["reason"].endswith("changed quota")] == [CPAS]


def test_an_institution_is_shown_with_everything_that_is_registered(settings, institutions_file) -> None:
    _import(settings, institutions_file(institutions_text(quota='"none"', telephone='"+32 2 555 01 18"')))
    shown = json.loads(call("institutions", "show", CPAS, "--json", settings=settings).out)
    assert (shown["quota"], shown["telephone"], len(shown["key"])) == ("none", "+32 2 555 01 18", 1)
    lines = call("institutions", "show", CPAS, settings=settings).out.splitlines()
    assert f"cbe_number: {CPAS}" in lines
    assert any(line.startswith("rights: operation consultSocialReport") for line in lines)
    assert call("institutions", "show", OTHER_CPAS, settings=settings).code == 1
    assert call("institutions", "show", "12", settings=settings).code == 2


def test_suspended_and_resumed_with_a_reason_and_an_import_does_not_undo_it(
    settings, institutions_file
) -> None:
    _import(settings, institutions_file(institutions_text()))
    given = ("--reason", "key stolen")
    assert call("institutions", "suspend", CPAS, *given, settings=settings).code == 0
    assert call("institutions", "suspend", CPAS, *given, settings=settings).code == 1
    _import(settings, institutions_file(institutions_text(quota="3")))
    assert "suspended since" in call("institutions", "list", settings=settings).out
    assert "suspended: True" in call("institutions", "show", CPAS, settings=settings).out
    assert call("institutions", "resume", CPAS, *given, settings=settings).code == 0
    assert call("institutions", "resume", CPAS, *given, settings=settings).code == 1
    told = [row["reason"].partition(" ")[2] for row in _rows(settings)]
    assert {"suspended: key stolen", "resumed: key stolen"} <= set(told)
    assert call("institutions", "suspend", OTHER_CPAS, *given, settings=settings).code == 1


def test_a_date_that_no_message_can_show_is_refused_and_the_end_of_time_is_open(
    settings, institutions_file
) -> None:
    old = institutions_text(exempt_from="1899-12-30", exempt_until="2026-12-31")
    assert "1900-01-01" in _import(settings, institutions_file(old)).err
    right = '[{ operations = ["listRights"], legal_contexts = ["PCSA:SOCIAL_INQUIRY"], until = 9999-12-31 }]'
    assert _import(settings, institutions_file(institutions_text(rights=right))).code == 0
    shown = json.loads(call("institutions", "show", CPAS, "--json", settings=settings).out)
    assert shown["rights"][0]["valid_until"] is None


def test_a_file_with_a_byte_order_mark_is_read(settings, institutions_file) -> None:
    file = institutions_file("\ufeff" + institutions_text())
    assert _import(settings, file).code == 0


def test_what_changes_is_told_for_every_field_of_the_file() -> None:
    number = CbeNumber(CPAS)
    before = InstitutionRecord(Institution(number, "a" * MAX_NAME, "b"))
    after = InstitutionRecord(Institution(number, "a" * MAX_NAME, "b", telephone="1" * MAX_TELEPHONE))
    assert change_of(before, before).nothing
    assert change_of(before, after).fields == ("telephone",)
    assert change_of(None, after).new
