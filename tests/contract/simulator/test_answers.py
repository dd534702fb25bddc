"""What the simulator answers, and what it writes down."""

from pydantic import SecretStr

from campaign.simulator.profile import Profile
from campaign.simulator.throughput import Ceilings
from tests.contract.simulator.client import NUMBER, body, simulating


async def test_a_message_is_accepted_and_written_down() -> None:
    async with simulating() as api:
        status, answer = await api.send()

        (entry,) = await api.ledger()
        assert status == 200
        assert answer["contacts"] == [{"input": "+33600000001", "wa_id": "33600000001"}]
        assert answer["messages"] == [{"id": entry["wamid"], "message_status": "accepted"}]
        assert (entry["to"], entry["phone_number_id"]) == ("+33600000001", NUMBER)
        assert (entry["callback_data"], entry["answered"]) == ("c1.x", "ok")


async def test_a_second_message_to_one_person_is_counted_as_a_duplicate() -> None:
    async with simulating() as api:
        for to, name in (("+33600000001", "a"), ("+33 600000001", "a"), ("33600000001", "b")):
            await api.send(body(to, name=name))

        summary = await api.summary()
        assert (summary["accepted"], summary["recipients"]) == (3, 1)
        assert (summary["duplicates"], summary["duplicates_by_content"]) == (2, 1)
        assert summary["worst_second"] == {NUMBER: 3}


async def test_a_malformed_message_is_refused_and_not_written_down() -> None:
    async with simulating() as api:
        status, answer = await api.send({**body(), "namespace": "x"})

        summary = await api.summary()
        assert (status, answer["error"]["code"]) == (400, 100)
        assert (summary["accepted"], summary["errors"]) == (0, {"100": 1})


async def test_a_request_without_the_token_is_refused() -> None:
    async with simulating(access_token=SecretStr("token")) as api:
        assert (await api.send())[1]["error"]["code"] == 190
        assert (await api.send(Authorization="Bearer other"))[0] == 401
        assert (await api.send(Authorization="Bearer token"))[0] == 200
        assert (await api.get(f"/v23.0/{NUMBER}"))["error"]["code"] == 190


async def test_above_the_ceiling_the_number_is_told_130429_and_other_numbers_are_not() -> None:
    async with simulating(throughput=Ceilings(20.0, {NUMBER: 2.0})) as api:
        answers = [await api.send(body(f"+3360000000{n}")) for n in range(5)]
        other = await api.post("/v23.0/107/messages", body())

        summary = await api.summary()
        assert [answer.get("error", {}).get("code") for _, answer in answers] == [None] * 3 + [130429] * 2
        assert answers[-1][0] == 400
        assert "messages" in other
        assert summary["worst_second"] == {NUMBER: 3, "107": 1}
        assert summary["worst_second_requests"] == {NUMBER: 5, "107": 1}


async def test_the_pair_limit_spares_other_people() -> None:
    async with simulating(Profile(pair_limit=True)) as api:
        codes = [(await api.send())[1].get("error", {}).get("code") for _ in range(46)]

        assert codes == [None] * 45 + [131056]
        assert (await api.send(body("+33600000002")))[0] == 200


async def test_template_checks_refuse_what_no_template_fits() -> None:
    async with simulating(Profile(template_checks=True)) as api:
        assert (await api.send())[0] == 200
        status, answer = await api.send(body(name="winter_sale"))

        assert (status, answer["error"]["code"]) == (404, 132001)


async def test_number_fields_are_those_asked_for() -> None:
    async with simulating(throughput=Ceilings(80.0, {"107": 1000.0})) as api:
        fields = await api.get(f"/v23.0/{NUMBER}?fields=throughput,quality_rating")
        everything = await api.get("/v23.0/107?fields=throughput,status,health_status")

        assert fields == {"id": NUMBER, "throughput": {"level": "STANDARD"}, "quality_rating": "GREEN"}
        assert everything["throughput"] == {"level": "HIGH"}
        assert (everything["status"], everything["health_status"]["can_send_message"]) == ("CONNECTED", "AVAILABLE")


async def test_templates_are_listed_by_name_and_status() -> None:
    async with simulating() as api:
        listed = (await api.get("/v23.0/102/message_templates?status=APPROVED"))["data"]
        (sale,) = (await api.get("/v23.0/102/message_templates?name=spring_sale"))["data"]

        assert [(t["name"], t["language"]) for t in listed] == [("spring_sale", "fr"), ("launch_demo", "en")]
        assert sale["components"][0]["example"] == {"body_text": [["value 1", "value 2"]]}


async def test_a_read_receipt_is_counted_and_is_no_message() -> None:
    async with simulating() as api:
        read = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x"}
        before = await api.send(read)
        known = (await api.post("/_simulator/inbound", {"number": NUMBER, "from": "33600000001", "text": "Hi"}))["id"]
        strange, right = await api.send(read), await api.send({**read, "message_id": known})

        summary = await api.summary()
        assert (before, right) == ((200, {"success": True}), (200, {"success": True}))
        assert strange[1]["error"]["code"] == 131009
        assert (summary["accepted"], summary["read_receipts"]) == (0, 2)


async def test_the_last_bodies_are_shown_as_they_came() -> None:
    async with simulating() as api:
        sent = [body(f"+3360000000{n}") for n in range(3)]
        for message in sent:
            await api.send(message)

        assert await api.get("/_simulator/last") == sent[2:]
        assert await api.get("/_simulator/last?count=2") == sent[1:]
        assert await api.get("/_simulator/last?count=9") == sent


async def test_another_token_counts_from_now_on() -> None:
    async with simulating(access_token=SecretStr("old")) as api:
        await api.post("/_simulator/token", {"accept": "new"})
        assert [(await api.send(Authorization=f"Bearer {each}"))[0] for each in ("old", "new")] == [401, 200]

        await api.post("/_simulator/token", {"revoke": True})
        status, answer = await api.send(Authorization="Bearer new")
        assert (status, answer["error"]["code"]) == (401, 190)


async def test_a_ceiling_changes_while_it_runs() -> None:
    async with simulating() as api:
        await api.post("/_simulator/faults", {"throughput": {NUMBER: 2}})
        codes = [(await api.send(body(f"+3360000000{n}")))[1].get("error", {}).get("code") for n in range(4)]
        await api.post("/_simulator/faults", {"throughput": {NUMBER: "unlimited"}})

        assert codes == [None] * 3 + [130429]
        assert (await api.send(body("+33600000009")))[0] == 200
