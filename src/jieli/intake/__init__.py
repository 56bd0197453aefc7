"""How needs and the past come in: the portal, imports of exchange files and of foreign histories, with what people see of them.

Owns the portal's pages, import runs, the steps that wait to be written, and the mappings by which foreign files are read.
Leaves writing the rows to the apps that own them: people, customers, cases.
"""
