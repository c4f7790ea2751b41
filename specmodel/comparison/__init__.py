"""What changed between two specs: layers paired, differences told, and whether the weights still load."""
