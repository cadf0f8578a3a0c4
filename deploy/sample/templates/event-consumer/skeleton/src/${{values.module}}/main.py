from northquay_consumer import Consumer, Event

consumer = Consumer(
    group="${{ values.name }}",
    api="${{ values.api }}",
    attempts=${{ values.attempts }},
    dead_letters=${{ "True" if values.deadLetters else "False" }},
{%- if values.alertChannel %}
    alert_channel="${{ values.alertChannel }}",
{%- endif %}
)


@consumer.on_event
def handle(event: Event) -> None:
    # May be called twice with the same event: make it safe to repeat.
    print(event.id, event.type)


def main() -> None:
    consumer.run()
