"""People: units, staff, roles and grants, the duty rota, deputies, absences, working calendars and API tokens.

It answers who somebody is, what he may do where, who is on duty and who stands in. What people own (cases, visits, stock)
belongs to the apps above; they ask here and react to the facts recorded here.
"""
