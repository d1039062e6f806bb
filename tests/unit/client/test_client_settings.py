"""Which service is meant: options, environment, profiles; and addresses that secrets may go to."""

import json
import stat

import pytest

from csv_analyzer_client import Client
from csv_analyzer_client.errors import UsageError
from csv_analyzer_client.settings import (
    Profiles,
    Service,
    cognito_address,
    config_folder,
    safe_url,
    service_of,
)
from tests.unit.client.fake_service import COGNITO, SERVICE, URL

OTHER = Service(url="https://other.example.com/v1", user_pool_client_id="other", cognito_url=COGNITO)


def saved():
    Profiles.load().with_service("other", OTHER).with_service("main", SERVICE).save()
    return Profiles.load()


def test_profiles_come_back_as_they_were_saved(home):
    profiles = saved()
    assert (profiles.current, profiles.services) == ("main", {"other": OTHER, "main": SERVICE})
    path = home / "config" / "csv-analyzer" / "config.json"
    assert profiles.path == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_options_go_before_the_environment_and_that_before_the_profile(monkeypatch):
    profiles = saved()
    assert service_of(None, Service(), profiles) == ("main", SERVICE)
    assert service_of("other", Service(), profiles) == ("other", OTHER)
    monkeypatch.setenv("CSV_ANALYZER_PROFILE", "other")
    assert service_of(None, Service(), profiles) == ("other", OTHER)
    monkeypatch.setenv("CSV_ANALYZER_CLIENT_ID", "environment")
    assert service_of(None, Service(), profiles)[1].user_pool_client_id == "environment"
    given = Service(user_pool_client_id="option")
    assert service_of(None, given, profiles)[1].user_pool_client_id == "option"


def test_another_address_does_not_inherit_the_sign_in_of_the_profile():
    _, service = service_of(None, Service(url="https://elsewhere.example.com"), saved())
    assert service == Service(url="https://elsewhere.example.com")
    _, same = service_of(None, Service(url=URL + "/"), saved())
    assert same.user_pool_client_id == "app"


def test_a_profile_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(UsageError, match="no profile 'nowhere'; there are: main, other"):
        service_of("nowhere", Service(), saved())


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a" * 65, "a\nb", "é"])
def test_a_profile_can_not_lead_to_another_file(name):
    with pytest.raises(UsageError, match="profile's name"):
        Client(URL, profile=name or "-")


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"profiles": []}', '{"profiles": {"../x": {}}}', "\xff", "[" * 99_999]
)
def test_a_damaged_configuration_is_named(content):
    path = config_folder() / "config.json"
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="latin-1")
    with pytest.raises(UsageError, match=r"config\.json can't be read"):
        Client()


def test_fields_of_other_types_count_as_absent():
    path = config_folder() / "config.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"profiles": {"default": {"url": 5, "region": None, "more": 1}}}))
    with pytest.raises(UsageError, match="csv-analyzer configure URL"):
        Client()


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/v1",
        "http://127.0.0.1.example.com",
        "ftp://127.0.0.1/",
        "https://user:secret@api.example.com",
        "https://",
        "api.example.com",
        "https://[::1",
        "https://host:port/",
        "javascript:alert(1)",
        "file:///etc/passwd",
    ],
)
def test_secrets_go_to_https_or_to_this_machine_only(url):
    with pytest.raises(UsageError):
        safe_url(url)
    with pytest.raises(UsageError):
        Service(url=URL, cognito_url=url).checked()


@pytest.mark.parametrize(
    "url", ["https://api.example.com/v1", "http://127.0.0.1:8000", "http://[::1]:1", "http://localhost"]
)
def test_addresses_that_are_safe_are_taken(url):
    assert Service(url=url + "/").checked().url == url


def test_cognito_is_found_by_the_region():
    assert (
        Service(url=URL, region="eu-west-1").checked().cognito_url
        == "https://cognito-idp.eu-west-1.amazonaws.com"
    )
    assert cognito_address("cn-north-1") == "https://cognito-idp.cn-north-1.amazonaws.com.cn"
    assert cognito_address("us-gov-west-1").startswith("https://cognito-idp.us-gov-west-1.")
    for name in ("evil.com/", "", "EU-WEST-1", "eu-west-1@evil.com", "../x"):
        with pytest.raises(UsageError, match="no AWS region"):
            cognito_address(name)


def test_relative_folders_of_the_environment_are_ignored(monkeypatch, home):
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    monkeypatch.setenv("HOME", str(home))
    assert config_folder() == home / ".config" / "csv-analyzer"
