"""JavaScript without a browser: Node runs what needs no DOM."""

import json
import subprocess

from playwright._impl._driver import compute_driver_executable

NODE, _ = compute_driver_executable()  # the one that playwright brings


def js(script, body, **given):
    """What a function with this body, inside the module `script`, returns; `given` are constants of it."""
    constants = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in given.items())
    module = f"{script}\nconsole.log(JSON.stringify(await (async () => {{\n{constants}{body}\n}})()));"
    command = [NODE, "--input-type=module", "-"]
    done = subprocess.run(command, input=module, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
