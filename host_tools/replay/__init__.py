"""Readings that were recorded, through the flight code's voter: what would it have believed?"""
