"""What one person hands to another: a ticket, an escalation, a sign-off, each with its evidence."""
