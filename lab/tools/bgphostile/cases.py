"""Loads the catalogue of hostile BGP input from cases.json."""
import json, os
_doc = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'cases.json')))
CASES = _doc['cases']
TOK = _doc['tokens']
