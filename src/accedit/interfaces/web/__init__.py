"""The pages: French, server-rendered, working without JavaScript."""
