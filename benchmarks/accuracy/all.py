"""Every protocol of accuracy on the development data, each in its own process; then the model card.

python benchmarks/accuracy/all.py [--data FOLDER]

FOLDER holds attack/ and maltrail/ (default: ../shared/data beside the repository). The tables go to results/.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[2] / "shared" / "data"


def protocols(data: Path) -> dict[str, list[str]]:
    """The arguments of each protocol."""
    attack, blocks = str(data / "attack"), data / "maltrail" / "apt-blocks-to-2023.jsonl.gz"
    return {
        "attack.py": ["--data", attack],
        "maltrail.py": [str(blocks)],
        "pairs.py": [attack, "--write"],
        "pair_clusters.py": [attack, "--write"],
        "diagnosticity.py": [attack, "--write"],
        "explanations.py": [str(data / "attack" / "attack-11.3.json.gz"), str(blocks), "--write"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    options = parser.parse_args()
    robustness, card = HERE.parent / "robustness.py", HERE.parent / "model_card.py"
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    chosen = {HERE / name: arguments for name, arguments in protocols(options.data).items()} | {
        robustness: [],
        card: [],
    }
    failed = []
    for path, arguments in chosen.items():
        start = time.perf_counter()
        command, to_file = [sys.executable, str(path), *arguments], path == robustness
        done = subprocess.run(
            command, env={**os.environ, **one_thread}, stdout=subprocess.PIPE if to_file else None, check=False
        )
        if to_file and done.returncode == 0:
            (HERE / "results" / "robustness.md").write_bytes(done.stdout)
        word = "FAILED" if done.returncode else "done"
        print(f"{path.name}: {word} in {time.perf_counter() - start:.0f} s", flush=True)
        if done.returncode:
            failed.append(path.name)
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
