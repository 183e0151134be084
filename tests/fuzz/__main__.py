"""`python -m fuzz --minutes 60 programs`: trials for a while; exit status 1 if one of them failed.

`--seed S` begins with another seed, `--only S` runs one trial again.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from fuzz.campaign import FUZZERS, campaign, figures, seeds_for
from fuzz.outcome import FAILURES, Outcome


def main() -> int:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("fuzzers", nargs="*", help=f"of {', '.join(FUZZERS)}; default: all")
    parser.add_argument("--minutes", type=float, default=1.0, help="for each fuzzer")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**9)
    parser.add_argument("--only", type=int, help="the seed of one trial")
    asked = parser.parse_args()
    for name in asked.fuzzers:
        if name not in FUZZERS:
            parser.error(f"there is no fuzzer {name!r}; there are {', '.join(FUZZERS)}")
    found: Counter[tuple[str, str]] = Counter()
    for name in asked.fuzzers or FUZZERS:
        seeds = seeds_for(60 * asked.minutes, asked.seed) if asked.only is None else [asked.only]
        print(f"{name}: from seed {asked.seed if asked.only is None else asked.only}", flush=True)
        counts = campaign(FUZZERS[name], seeds, lambda seed, outcome, name=name: tell(name, seed, outcome))
        print(f"{name}: {figures(counts)}", flush=True)
        found += counts
    return int(any(kind in FAILURES for kind, _ in found))


def tell(name: str, seed: int, outcome: Outcome) -> None:
    print(f"\n{name}, seed {seed}: {outcome.kind}\n{outcome.detail}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
