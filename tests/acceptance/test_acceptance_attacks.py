"""Attacks from outside and from inside: what is tried through HTTP, and what lies about on the machine."""

import base64
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from stat import S_IMODE

from invented_world import KNOWN, WITHOUT_RIGHT, niss
from running_world import Gateway
from signed_messages import HttpReply, answer_in, fault_in, new_ticket, post, question, signed

from rse_cpas_stub.messages import read_status

_ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_SIGNATURE = re.compile(rb"SignatureValue>([^<]+)<")
UNKNOWN = niss("650215", 77)


def _other_signature(raw: bytes) -> bytes:
    """Return the same message with (r, n-s) for (r, s): as valid, made without the key."""
    (value,) = _SIGNATURE.findall(raw)
    r, s = base64.b64decode(value)[:32], int.from_bytes(base64.b64decode(value)[32:], "big")
    return raw.replace(value, base64.b64encode(r + (_ORDER_OF_P256 - s).to_bytes(32, "big")))


def test_a_message_and_its_twin_with_another_signature_value_are_answered_once_together(
    gateway: Gateway,
) -> None:
    raw = signed(gateway.world, question(gateway.world, KNOWN[0].ssin, ticket=new_ticket("twin")))
    both = [raw, _other_signature(raw)] * 10
    assert both[0] != both[1]
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda one: post(gateway, one), both))
    codes = Counter(_code(gateway, reply) for reply in replies)
    assert codes == {"MSG00000": 1, "RSE00002": 19}


def _code(gateway: Gateway, reply: HttpReply) -> str:
    if reply.status == 200:
        return read_status(answer_in(gateway.world, reply)).code
    return fault_in(gateway.world, reply).codes[0]


def test_whoever_has_no_right_cannot_tell_a_known_person_from_an_unknown_one(gateway: Gateway) -> None:
    replies = []
    for number, ssin in enumerate((WITHOUT_RIGHT.ssin, KNOWN[0].partner, UNKNOWN)):
        ticket = f"{new_ticket('probe')}-{number}"
        replies.append(post(gateway, signed(gateway.world, question(gateway.world, ssin, ticket=ticket))))
    assert {_code(gateway, reply) for reply in replies} == {"MSG00012"}
    assert len({len(reply.body) for reply in replies}) == 1


def test_no_other_user_of_the_machine_can_read_the_database_or_a_key(gateway: Gateway) -> None:
    files = [*gateway.folder.glob("*.sqlite*"), *(gateway.folder / "keys").iterdir()]
    assert files
    assert {file.name: S_IMODE(file.stat().st_mode) & 0o077 for file in files} == {
        file.name: 0 for file in files
    }


def test_no_secret_stands_in_the_command_line_or_environment_of_a_process(gateway: Gateway) -> None:
    key = (gateway.folder / "keys" / "master.key").read_bytes().strip()
    for pid in gateway.web_processes():
        for what in ("cmdline", "environ"):
            assert key not in Path(f"/proc/{pid}/{what}").read_bytes()
