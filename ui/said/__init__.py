"""What a lesson's page says of a Result, one module per lesson: words files' templates filled with computed numbers."""
