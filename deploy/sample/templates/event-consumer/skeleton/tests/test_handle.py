from northquay_consumer.testing import an_event

from ${{ values.module }}.main import handle


def test_the_same_event_twice_is_fine() -> None:
    event = an_event("${{ values.api }}")
    handle(event)
    handle(event)
