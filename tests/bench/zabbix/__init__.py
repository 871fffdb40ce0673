"""The peer: Debian's Zabbix server, whose trapper answers from memory before it stores anything."""
