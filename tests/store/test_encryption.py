"""The data keys: what opens where, and which key files are refused."""

from pathlib import Path

import pytest
from store_samples import ALSO_HOLDING, HOLDING, MASTER, NISS, PARTNER, new_ticket

from rse_gateway.adapters.encryption import DataKeys, load_master_key
from rse_gateway.errors import GatewayUnavailable, SetupError
from rse_gateway.trail import SearchKey


def test_a_number_opens_in_its_own_row_only(keys: DataKeys) -> None:
    sealed = keys.encrypt_niss(NISS, table="legs", row="1")
    assert keys.decrypt_niss(sealed, table="legs", row="1") == NISS
    for table, row in (("legs", "2"), ("consultations", "1")):
        with pytest.raises(GatewayUnavailable):
            keys.decrypt_niss(sealed, table=table, row=row)


def test_a_number_is_sealed_differently_every_time(keys: DataKeys) -> None:
    assert len({keys.encrypt_niss(NISS, table="legs", row="1") for _ in range(50)}) == 50


def test_an_answer_opens_for_its_own_leg_only(keys: DataKeys) -> None:
    ticket = new_ticket()
    sealed = keys.encrypt_answer(b"report", ticket, HOLDING)
    assert keys.decrypt_answer(sealed, ticket, HOLDING) == b"report"
    for other, holder in ((new_ticket(), HOLDING), (ticket, ALSO_HOLDING)):
        with pytest.raises(GatewayUnavailable):
            keys.decrypt_answer(sealed, other, holder)


@pytest.mark.parametrize("at", [0, 12, -1])
def test_a_changed_byte_anywhere_is_noticed(keys: DataKeys, at: int) -> None:
    sealed = bytearray(keys.encrypt_niss(NISS, table="legs", row="1"))
    sealed[at] ^= 1
    with pytest.raises(GatewayUnavailable):
        keys.decrypt_niss(bytes(sealed), table="legs", row="1")


@pytest.mark.parametrize("length", [0, 5, 12, 27])
def test_too_few_bytes_do_not_open(keys: DataKeys, length: int) -> None:
    with pytest.raises(GatewayUnavailable):
        keys.decrypt_niss(bytes(length), table="legs", row="1")


def test_the_search_value_is_stable_and_depends_on_number_and_master_key(keys: DataKeys) -> None:
    key: SearchKey = keys.search_key
    assert key.hmac(NISS.value) == DataKeys(MASTER).search_key.hmac(NISS.value)
    others = {key.hmac(PARTNER.value), DataKeys(bytes(32)).search_key.hmac(NISS.value)}
    assert key.hmac(NISS.value) not in others
    assert key.key_id != DataKeys(bytes(32)).search_key.key_id


def test_neither_keys_nor_numbers_show_in_a_repr(keys: DataKeys) -> None:
    assert repr(keys) == f"DataKeys({keys.search_key.key_id})"
    assert keys.search_key.key_id not in MASTER.hex()


def test_a_master_key_file_gives_its_32_bytes(tmp_path: Path) -> None:
    file = tmp_path / "master.key"
    file.write_text(MASTER.hex() + "\n")
    file.chmod(0o600)
    assert load_master_key(file) == MASTER


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_master_key_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "master.key"
    file.write_text(MASTER.hex())
    file.chmod(mode)
    with pytest.raises(SetupError, match="chmod 600"):
        load_master_key(file)


@pytest.mark.parametrize("content", [b"", b"00" * 31, b"00" * 33, b"zz" * 32, b"\xff" * 64])
def test_a_master_key_file_of_another_form_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "master.key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(SetupError, match="64 hexadecimal digits"):
        load_master_key(file)


def test_a_master_key_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be read"):
        load_master_key(tmp_path / "none")


def test_a_master_key_of_another_length_is_refused() -> None:
    with pytest.raises(SetupError, match="32 bytes"):
        DataKeys(bytes(16))
