"""0.1.0 answered a delivered refusal with a code of no catalogue by NOK, and did not say why (case 16)."""

import pytest
from partner_gateway import deliver_payload, outcomes, pick_up, send
from partner_world import ASKS, BY_HAND, NUMBER
from running_world import Gateway
from signed_messages import new_ticket

from regressions.silent_town import WordlessHolder
from rse_cpas_stub.messages import read_status

HOLDER = NUMBER["promise"]


@pytest.mark.parametrize(("place", "code"), list(enumerate(["MSG00005", "MSG99999", "RSE99999"])))
def test_a_delivered_code_outside_the_catalogue_is_refused_by_field_and_reason(
    town: tuple[Gateway, WordlessHolder], place: int, code: str
) -> None:
    gateway, holder = town
    holder.reply = b""
    person = BY_HAND[place]
    asked = gateway.ask(person, new_ticket("outside"), number=ASKS)
    assert outcomes(asked) == {HOLDER: ("PENDING", "MSG00020")}
    payload = deliver_payload(gateway, HOLDER, person, asked.gateway_ticket, refused=code)
    status = read_status(send(gateway, payload, by=HOLDER))
    assert (status.value, status.code) == ("NOK", "MSG00023")
    told = dict(status.information)
    assert "code" in told, told
    assert "catalogue" in told["code"], told
    again = deliver_payload(gateway, HOLDER, person, asked.gateway_ticket, refused="MSG00027")
    assert read_status(send(gateway, again, by=HOLDER)).value == "OK"
    assert outcomes(pick_up(gateway, asked)) == {HOLDER: ("REFUSED", "MSG00027")}
