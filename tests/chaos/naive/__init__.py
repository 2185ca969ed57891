"""The portal as it is often written: each module makes one mistake, which the scenarios must be able to see."""
