"""Kernels made from proved pages by `python -m symderiv kernel NAME`; they need NumPy only."""
