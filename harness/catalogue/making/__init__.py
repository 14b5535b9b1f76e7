"""How a catalogue is made from a registry. It needs `poolgate[catalogue]`."""
