"""From the tables' streams to the listeners: relay, dispatch, replay."""
