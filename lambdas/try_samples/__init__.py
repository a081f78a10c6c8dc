"""Asks the candidate the declared samples before anybody else asks it anything."""
