"""Campaigns: landings by the thousand, to know before the first."""
