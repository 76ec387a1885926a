"""Letters, sheets and guides as PDF; reports later."""
