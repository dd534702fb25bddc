"""The customer service window, on times made up for the purpose."""

from campaign.simulator.windows import WINDOW_S, Windows

ADA = "33600000001"


def test_a_window_is_open_for_a_day_on_one_number_for_one_person() -> None:
    windows = Windows()

    windows.write("106", ADA, "wamid.1", 1000.0)

    assert windows.is_open("106", ADA, 1000.0 + WINDOW_S - 1)
    assert not windows.is_open("106", ADA, 1000.0 + WINDOW_S)
    assert not windows.is_open("107", ADA, 1000.0)
    assert not windows.is_open("106", "33600000002", 1000.0)


def test_an_older_message_told_later_does_not_shorten_it() -> None:
    windows = Windows()

    windows.write("106", ADA, "wamid.2", 2000.0)
    windows.write("106", ADA, "wamid.1", 1000.0)

    assert windows.is_open("106", ADA, 2000.0 + WINDOW_S - 1)


def test_any_message_can_be_read_until_one_is_known() -> None:
    windows = Windows()

    assert windows.can_be_read("wamid.9")
    windows.write("106", ADA, "wamid.1", 0.0)
    assert [windows.can_be_read(each) for each in ("wamid.1", "wamid.9")] == [True, False]
