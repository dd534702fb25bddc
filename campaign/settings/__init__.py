"""YAML + environment -> validated, frozen models, with the line of everything that is wrong."""

from campaign.settings.accounts import Account, CloudAccount, OnPremisesAccount, Requests
from campaign.settings.campaign_file import Audience, CampaignFile, ConsentColumn, Duplicates, Quality
from campaign.settings.findings import ConfigurationErrors
from campaign.settings.load import bundled_country_rules, load_campaign, load_settings
from campaign.settings.person_key import load_person_key
from campaign.settings.schedule import Schedule
from campaign.settings.schema import schema
from campaign.settings.secret import Secret, without_password
from campaign.settings.settings_file import Settings
from campaign.settings.shards import ClientShards, Shard
from campaign.settings.variants import Wording

__all__ = [
    "Account",
    "Audience",
    "CampaignFile",
    "ClientShards",
    "CloudAccount",
    "ConfigurationErrors",
    "ConsentColumn",
    "Duplicates",
    "OnPremisesAccount",
    "Quality",
    "Requests",
    "Schedule",
    "Secret",
    "Settings",
    "Shard",
    "Wording",
    "bundled_country_rules",
    "load_campaign",
    "load_person_key",
    "load_settings",
    "schema",
    "without_password",
]
