"""Log lines are JSON with the request id, and never carry a secret."""

import io
import json
import logging

import pytest
import structlog

from jieli.config import logs


@pytest.fixture
def lines():
    handler = logging.getLogger().handlers
    logs.configure(level="INFO", form="json")
    stream = io.StringIO()
    structured = next(h for h in logging.getLogger().handlers if isinstance(h.formatter, structlog.stdlib.ProcessorFormatter))
    structured.stream = stream
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger().handlers = handler


def test_a_line_has_the_request_id(lines):
    with structlog.contextvars.bound_contextvars(request_id="abc12345"):
        structlog.get_logger("test").info("something", count=3)
    (line,) = lines()
    assert (line["event"], line["count"], line["request_id"], line["level"]) == ("something", 3, "abc12345", "info")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("password", "hush"),
        ("api_token", "hush"),
        ("Authorization", "Bearer hush"),
        ("detail", "postgresql://jieli_app:hush@127.0.0.1/jieli"),
        ("header", "Bearer hush"),
        ("nested", {"cookie": "hush"}),
    ],
)
def test_secrets_are_hidden(lines, key, value):
    structlog.get_logger("test").info("something", **{key: value})
    logging.getLogger("foreign").warning("connecting to postgresql://u:hush@h/d")
    assert "hush" not in json.dumps(lines())
