"""Everything that must be fast, measured: `make bench`. In brackets what it must hold. Nothing is written."""

import asyncio

from benchmarks import browser, chapters, live, memory, solvers, training


def main() -> None:
    """Each part in its turn: they would disturb each other."""
    for part in (training, solvers, memory, browser, chapters):
        print((part.__doc__ or "").partition("\n")[0])
        for what, measured in part.rows():
            print(f"  {what:<52} {measured}", flush=True)
    asyncio.run(live.main())


main()
