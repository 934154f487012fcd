"""What machines read, on the demonstration site and on a hostile one."""
