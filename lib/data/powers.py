"""Prints the powers of ten that shortest.c needs, from 1e-292 to 1e324: the first 128 bits of each, rounded up, as two
halves."""
from fractions import Fraction
from math import ceil, floor

for exponent in range(-292, 325):
    power = Fraction(10) ** exponent
    # floor(log2(power)): this product is exact enough for all of them.
    shift = 127 - floor(exponent * 3.321928094887362)
    bits = ceil(power * Fraction(2) ** shift)
    assert bits.bit_length() == 128
    print(f"{{{bits >> 64:#018x}, {bits & (1 << 64) - 1:#018x}}}, /* 1e{exponent} */")
