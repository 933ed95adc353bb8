from pathlib import Path
from typing import Any

import pytest

from repair.account import Account, http, proxy, streaming
from verify.account import function_arn

PUBLISHES = "a deployment would publish other changes of the API as well: "


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path / "undo.json")


@pytest.mark.parametrize(
    ("route", "integration", "told"),
    [
        ("GET /new", proxy("plain"), "GET /new is new"),
        ("POST /chat", None, "POST /chat is gone"),
        ("POST /chat", proxy("plain"), "POST /chat has another integration"),
        ("POST /chat", streaming(proxy("chat")), "POST /chat has another integration"),
        ("POST /chat", proxy("chat", timeoutInMillis=5_000), "POST /chat has another integration"),
        ("POST /chat", proxy("chat", credentials="arn:aws:iam::1:role/x"), "POST /chat has another integration"),
        ("GET /elsewhere", http(uri="https://example.com/other"), "GET /elsewhere has another integration"),
        ("GET /elsewhere", http(responseTransferMode="STREAM"), "GET /elsewhere has another integration"),
        ("GET /plain", proxy("slow"), "GET /plain has another integration"),
        ("GET /plain", proxy(f"{function_arn('plain')}:live"), "GET /plain has another integration"),
    ],
)
def test_what_else_would_be_published_is_refused_or_told(
    account: Account, route: str, integration: dict[str, Any] | None, told: str
) -> None:
    if integration is None:
        del account.api.live[route]
    else:
        account.api.live[route] = integration
    assert account.refused("GET /plain") == [PUBLISHES + told]
    plan = account.plan("GET /plain", also_publish=True)
    assert plan.refusals == ()
    assert f"the deployment publishes other changes of the API as well: {told}" in plan.notes


@pytest.mark.parametrize("changed", [{"authorizationType": "AWS_IAM"}, {"apiKeyRequired": True}])
def test_who_may_call_a_route_counts_even_on_the_route_itself(account: Account, changed: dict[str, Any]) -> None:
    account.access["GET /plain"] = changed
    told = "GET /plain asks other things of its callers (authorization or API key)"
    assert account.refused("GET /plain") == [PUBLISHES + told]
    account.deployed_access["GET /plain"] = changed
    assert account.refused("GET /plain") == []


def test_a_half_made_change_of_the_route_itself_is_no_other_change(account: Account) -> None:
    account.api.live["GET /plain"] = streaming(account.api.live["GET /plain"], 120_000)
    assert account.refused("GET /plain") == []


def test_an_export_that_leaves_out_defaults_is_no_difference(account: Account) -> None:
    account.exports_tell_mode = False
    for integration in account.api.served["prod"].values():
        del integration["timeoutInMillis"]
    for integration in account.api.live.values():
        integration["connectionType"] = "INTERNET"
    assert account.refused("GET /plain") == []


def test_of_many_changes_five_are_named(account: Account) -> None:
    account.api.live |= {f"GET /new{number}": proxy("plain") for number in range(7)}
    named = "; ".join(f"GET /new{number} is new" for number in range(5))
    assert account.refused("GET /plain") == [f"{PUBLISHES}{named}; and 2 more"]
