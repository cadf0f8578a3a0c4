"""Replays the container file without an engine; check.sh calls it.

COPY runs for real, from the repository into a scratch folder, with .dockerignore. Of RUN only the commands that are
known here are followed, and any other is refused: whoever adds one says here what it means. At the end the given
binary starts as the image would start it, and once more as `make run` does.
"""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

DEPLOY = Path(__file__).resolve().parent
REPOSITORY = DEPLOY.parent
# What every Debian image has, the slim ones too.
BASE_LIBRARIES = re.compile(r"(linux-vdso|ld-linux[-\w]*|libc|libm|libdl|librt|libpthread|libgcc_s)\.so")


class Broken(Exception):
    """Something that would fail in a real build or at a real start."""


def require(condition: object, message: str) -> None:
    if not condition:
        raise Broken(message)


# --- the container file ---


@dataclass
class Step:
    line: int
    word: str
    text: str

    def words(self) -> list[str]:
        """The members of an exec form: the only form that gets signals and needs no shell."""
        try:
            return [str(word) for word in json.loads(self.text)]
        except json.JSONDecodeError as error:
            raise Broken(f"Dockerfile:{self.line}: {self.word} is no exec form (a JSON list)") from error


@dataclass
class Stage:
    image: str
    name: str
    steps: list[Step] = field(default_factory=list)

    def last(self, word: str) -> Step:
        found = [step for step in self.steps if step.word == word]
        require(found, f"Dockerfile: the stage from {self.image} has no {word}")
        return found[-1]


def stages(text: str) -> list[Stage]:
    found: list[Stage] = []
    pending, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or not line.strip():
            continue
        start = start if pending else number
        pending += line.strip()
        if pending.endswith("\\"):
            pending = pending[:-1]
            continue
        word, _, rest = pending.partition(" ")
        pending = ""
        if word.upper() == "FROM":
            image, _, name = rest.partition(" AS ")
            found.append(Stage(image.strip(), name.strip()))
        else:
            require(found, f"Dockerfile:{start}: {word} stands before FROM")
            found[-1].steps.append(Step(start, word.upper(), rest.strip()))
    require(not pending, "Dockerfile: the last line is continued")
    return found


# --- .dockerignore ---


def ignore_rules() -> list[tuple[bool, re.Pattern[str]]]:
    file = REPOSITORY / ".dockerignore"
    require(file.is_file(), ".dockerignore is missing at the top of the repository")
    rules = []
    for line in file.read_text().splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        keep = line.startswith("!")
        pattern = re.escape(line.lstrip("!").strip("/"))
        pattern = pattern.replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
        rules.append((keep, re.compile(f"{pattern}(?:/.*)?")))
    return rules


class Context:
    """The repository as a build sees it."""

    def __init__(self) -> None:
        self.rules = ignore_rules()
        for secret in (".git/config", "deploy/.env", ".env"):
            require(self.ignored(secret), f".dockerignore lets `{secret}` into the build")

    def ignored(self, path: str) -> bool:
        verdict = False
        for keep, pattern in self.rules:
            if pattern.fullmatch(path):
                verdict = not keep
        return verdict

    def copy(self, source: str, target: Path, step: Step) -> None:
        """One source of a COPY: a file to `target`, or the contents of a folder into it."""
        origin = REPOSITORY / source
        require(origin.exists(), f"Dockerfile:{step.line}: `{source}` does not exist")
        require(not self.ignored(source), f"Dockerfile:{step.line}: .dockerignore hides `{source}`")
        if origin.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(origin, target)
            return
        for folder, folders, files in os.walk(origin):
            here = Path(folder).relative_to(REPOSITORY)
            folders[:] = [name for name in folders if not self.ignored(str(here / name))]
            for name in files:
                if not self.ignored(str(here / name)):
                    copied = target / (REPOSITORY / here / name).relative_to(origin)
                    copied.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(REPOSITORY / here / name, copied, follow_symlinks=False)


def copy_words(step: Step) -> tuple[dict[str, str], list[str], str]:
    words = shlex.split(step.text)
    flags = dict(word[2:].split("=", 1) for word in words if word.startswith("--"))
    *sources, target = [word for word in words if not word.startswith("--")]
    require(sources, f"Dockerfile:{step.line}: COPY needs a source and a target")
    return flags, sources, target


# --- the build stage ---


def replay_build(stage: Stage, context: Context, root: Path) -> dict[str, str]:
    """Copies the sources, checks that cargo would find its packages there, and answers what is installed where."""
    work = root
    for step in stage.steps:
        if step.word == "WORKDIR":
            work = root / step.text.lstrip("/")
            work.mkdir(parents=True, exist_ok=True)
        elif step.word == "COPY":
            _, sources, target = copy_words(step)
            for source in sources:
                into = work / target
                into_folder = target.endswith("/") and (REPOSITORY / source).is_file()
                context.copy(source, into / Path(source).name if into_folder else into, step)
    manifest = tomllib.loads((work / "Cargo.toml").read_text())
    members_are_there(manifest, work)
    includes_are_there(work)
    rust = manifest["workspace"]["package"]["rust-version"]
    require(re.match(rf"rust:{re.escape(rust)}\b", stage.image), f"Dockerfile: {stage.image} is not Rust {rust} of Cargo.toml")
    run = stage.last("RUN")
    require("--locked" in run.text, f"Dockerfile:{run.line}: cargo builds without --locked")
    binary_exists(run, work)
    return dict(re.findall(r"install -D -m 0?755 target/release/(\S+) (\S+)", run.text))


def members_are_there(manifest: dict, work: Path) -> None:
    for pattern in manifest["workspace"]["members"]:
        for member in REPOSITORY.glob(pattern):
            name = member.relative_to(REPOSITORY) / "Cargo.toml"
            if (REPOSITORY / name).is_file():
                require((work / name).is_file(), f"Dockerfile: the build lacks the workspace member `{name}`")


def includes_are_there(work: Path) -> None:
    """What the sources embed at compile time must be copied too."""
    embedded = re.compile(r'(include_str|include_bytes|migrate)!\(\s*"([^"]+)"')
    for file in work.rglob("*.rs"):
        for macro, path in embedded.findall(file.read_text()):
            base = file.parent
            while macro == "migrate" and not (base / "Cargo.toml").is_file():
                base = base.parent
            wanted = Path(os.path.normpath(base / path))
            original = Path(os.path.normpath(REPOSITORY / base.relative_to(work) / path))
            if original.exists():
                require(wanted.exists(), f"Dockerfile: `{file.relative_to(work)}` embeds `{path}`, which is not copied")


def binary_exists(run: Step, work: Path) -> None:
    package = re.search(r"-p (\S+)", run.text)
    binary = re.search(r"--bin (\S+)", run.text)
    require(package and binary, f"Dockerfile:{run.line}: expected cargo build with -p and --bin")
    if not shutil.which("cargo"):
        return
    command = ["cargo", "metadata", "--no-deps", "--offline", "--format-version", "1"]
    answer = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    require(answer.returncode == 0, f"cargo cannot read what the build copies:\n{answer.stderr.strip()}")
    packages = {it["name"]: it for it in json.loads(answer.stdout)["packages"]}
    require(package[1] in packages, f"Dockerfile:{run.line}: there is no package `{package[1]}`")
    names = [it["name"] for it in packages[package[1]]["targets"] if "bin" in it["kind"]]
    require(binary[1] in names, f"Dockerfile:{run.line}: `{package[1]}` has no program `{binary[1]}`")


# --- the runtime stage ---


@dataclass
class Image:
    root: Path
    packages: set[str] = field(default_factory=set)
    groups: dict[str, int] = field(default_factory=dict)
    users: dict[str, tuple[int, int]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)

    def path(self, inside: str) -> Path:
        return self.root / inside.lstrip("/")


def options(words: list[str], flags: set[str]) -> tuple[dict[str, str], list[str]]:
    """Splits a command's words into options with values and the rest; `flags` are options without one."""
    named, rest = {}, []
    words = list(words)
    while words:
        word = words.pop(0)
        if word in flags:
            named[word] = ""
        elif word.startswith("-"):
            require(words, f"`{word}` lacks its value")
            named[word] = words.pop(0)
        else:
            rest.append(word)
    return named, rest


def run_command(image: Image, words: list[str], line: int) -> None:
    match words:
        case ["apt-get", "update"] | ["rm", "-rf", "/var/lib/apt/lists/*"]:
            pass
        case ["apt-get", "install", *rest]:
            require({"--yes", "-y"} & set(rest), f"Dockerfile:{line}: apt-get would ask; say --yes")
            image.packages |= {word for word in rest if not word.startswith("-")}
        case ["groupadd", *rest]:
            named, (name,) = options(rest, {"--system"})
            image.groups[name] = int(named["--gid"])
        case ["useradd", *rest]:
            named, (name,) = options(rest, {"--system"})
            require(named["--gid"] in image.groups, f"Dockerfile:{line}: there is no group `{named['--gid']}`")
            image.users[name] = (int(named["--uid"]), image.groups[named["--gid"]])
        case ["install", "-d", *rest]:
            named, folders = options(rest, set())
            owner, group = named.get("-o", "root"), named.get("-g", "root")
            require(owner == "root" or owner in image.users, f"Dockerfile:{line}: there is no user `{owner}`")
            require(group == "root" or group in image.groups, f"Dockerfile:{line}: there is no group `{group}`")
            for folder in folders:
                image.path(folder).mkdir(parents=True, exist_ok=True)
                image.path(folder).chmod(int(named.get("-m", "0755"), 8))
                image.owners[folder] = owner
        case _:
            raise Broken(f"Dockerfile:{line}: check.py cannot replay `{shlex.join(words)}`; teach it")


def replay_runtime(stage: Stage, context: Context, image: Image, built: dict[str, str], binary: Path) -> None:
    for step in stage.steps:
        if step.word == "RUN":
            for command in step.text.split("&&"):
                run_command(image, shlex.split(command), step.line)
        elif step.word == "COPY":
            flags, sources, target = copy_words(step)
            for source in sources:
                into = image.path(target)
                if target.endswith("/") or into.is_dir():
                    into /= Path(source).name
                if "from" in flags:
                    require(source in built.values(), f"Dockerfile:{step.line}: the build installs no `{source}`")
                    into.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(binary, into)
                    into.chmod(0o755)
                else:
                    context.copy(source, into, step)


def identity(stage: Stage, image: Image) -> tuple[int, int, str]:
    """Who the server runs as: uid, gid, name."""
    step = stage.last("USER")
    user, _, group = step.text.partition(":")
    for name, (uid, gid) in image.users.items():
        if user in (name, str(uid)):
            require(not group or group in (str(gid), *image.groups), f"Dockerfile:{step.line}: there is no group `{group}`")
            require(uid != 0, f"Dockerfile:{step.line}: the server would run as root")
            return uid, gid, name
    raise Broken(f"Dockerfile:{step.line}: USER `{step.text}` is none of the users that the image makes")


def start_command(stage: Stage, image: Image) -> list[str]:
    """ENTRYPOINT and CMD with the image's paths turned into the scratch folder's."""
    program, *first = stage.last("ENTRYPOINT").words()
    found = [it for it in ("/usr/local/bin", "/usr/bin", "/bin") if os.access(image.path(f"{it}/{program}"), os.X_OK)]
    require(found, f"Dockerfile: the image holds no program `{program}`")
    words = first + stage.last("CMD").words()
    for word in words:
        if word.startswith("/"):
            require(image.path(word).exists(), f"Dockerfile: CMD names `{word}`, which the image does not hold")
    return [str(image.path(f"{found[0]}/{program}")), *(str(image.path(it)) if it.startswith("/") else it for it in words)]


def libraries_are_there(binary: Path) -> None:
    """A library that the slim image lacks would stop the program before its first line."""
    answer = subprocess.run(["ldd", binary], capture_output=True, text=True, check=False)
    for line in answer.stdout.splitlines():
        name = Path(line.split()[0]).name
        require(BASE_LIBRARIES.match(name) or name == "statically", f"the program needs `{name}`, which the image lacks")


def health_url(stage: Stage, image: Image) -> str:
    step = stage.last("HEALTHCHECK")
    words = Step(step.line, "HEALTHCHECK", step.text[step.text.index("CMD") + 3 :].strip()).words()
    require(words[0] in image.packages, f"Dockerfile:{step.line}: the health check needs `{words[0]}`, which is not installed")
    return words[-1]


# --- compose ---


def check_compose(compose: dict, port: int) -> dict:
    services = compose["services"]
    plinth, postgres = (services[name] for name in ("plinth", "postgres"))
    build = plinth["build"]
    require((Path(build["context"]) / build["dockerfile"]).is_file(), "compose.yaml: the container file is not where `build` says")
    require(plinth["depends_on"]["postgres"]["condition"] == "service_healthy", "compose.yaml: plinth does not wait for Postgres")
    require(postgres.get("healthcheck", {}).get("test"), "compose.yaml: Postgres has no health check")
    require(postgres["image"].startswith("postgres:15"), "compose.yaml: expected Postgres 15")
    for name, service in services.items():
        for published in service.get("ports", []):
            require(name == "plinth" and published["target"] == port, f"compose.yaml: {name} publishes what nobody listens on")
            require(published.get("host_ip") == "127.0.0.1", "compose.yaml: a port is published to the world by default")
        for volume in service.get("volumes", []):
            if volume["type"] == "bind":
                require(Path(volume["source"]).exists(), f"compose.yaml: `{volume['source']}` does not exist")
    flags = [name for name in plinth["environment"] if name.endswith("dangerouslyDisableDefaultAuthPolicy")]
    require(not flags, "compose.yaml: development mode is for loopback")
    config = (DEPLOY / "app-config.production.yaml").read_text()
    lines = "\n".join(line for line in config.splitlines() if not line.lstrip().startswith("#"))
    for variable in re.findall(r"\$\{(\w+)\}", lines):
        require(variable in plinth["environment"], f"compose.yaml: app-config.production.yaml needs {variable}")
    return plinth


# --- the running server ---


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def running(command: list[str], environment: dict[str, str], log: Path, **options: object):
    with log.open("w") as output:
        server = subprocess.Popen(command, env=environment, stdout=output, stderr=output, cwd=log.parent, **options)
    try:
        yield server
    except Broken as error:
        raise Broken(f"{error}\n{log.read_text()[-4000:]}") from error
    finally:
        server.kill()
        server.wait()


def answer(url: str, query: str | None = None, token: str | None = None) -> tuple[int, str]:
    body = None if query is None else json.dumps({"query": query}).encode()
    headers = {"content-type": "application/json"}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def wait_for(server: subprocess.Popen, what: str, test) -> None:
    """Asks until `test` answers None; it answers what is missing until then."""
    end = time.monotonic() + 20
    while missing := test():
        require(server.poll() is None, f"{what}: the server ended with code {server.returncode}")
        require(time.monotonic() < end, f"{what}: {missing}")
        time.sleep(0.1)


def healthy(url: str):
    status, text = answer(url)
    return None if status == 200 else f"{url} answered {status or 'nothing'}: {text[:200]}"


def stop(server: subprocess.Popen, word: str) -> None:
    server.send_signal(getattr(signal, word))
    try:
        code = server.wait(timeout=15)
    except subprocess.TimeoutExpired as error:
        raise Broken(f"the server does not end on {word}") from error
    require(code == 0, f"on {word} the server ended with code {code}")


def start_image(stage: Stage, image: Image, plinth: dict, url: str) -> None:
    uid, gid, user = identity(stage, image)
    command = start_command(stage, image)
    volumes = stage.last("VOLUME").words()
    for volume in volumes:
        require(image.owners.get(volume) == user, f"Dockerfile: the server cannot write to its volume `{volume}`")
    for mount in plinth["volumes"]:
        if mount["type"] == "bind":
            shutil.copytree(mount["source"], image.path(mount["target"]), dirs_exist_ok=True)
        else:
            require(mount["target"] in volumes, f"compose.yaml: `{mount['target']}` is no volume of the image")
    port = free_port()
    environment = {
        **plinth["environment"],
        "PATH": os.environ["PATH"],
        "HOME": str(image.path(volumes[0])),
        "APP_CONFIG_backend_listen_port": str(port),
        # There is no Postgres here; the tests of storage have one.
        "APP_CONFIG_backend_database_client": "better-sqlite3",
    }
    as_user = {}
    if os.geteuid() == 0:
        as_user = {"user": uid, "group": gid, "extra_groups": []}
        for volume in volumes:
            os.chown(image.path(volume), uid, gid)
    url = re.sub(r":\d+/", f":{port}/", url)
    with running(command, environment, image.root / "log", **as_user) as server:
        wait_for(server, "the image's command", lambda: healthy(url))
        graphql = url.replace("/healthz", "/graphql")
        status, text = answer(graphql, "{ __typename }")
        require(status == 401, f"/graphql answered {status or 'nothing'} to who has no token: {text[:200]}")
        # What compose.yaml says at its top: beside the running server, in the same image.
        create = ["token", "create", "--name", "check", "--scope", "read", *command[command.index("serve") + 1 :]]
        made = subprocess.run(
            [command[0], *create], env=environment, cwd=image.root, capture_output=True, text=True, timeout=20, **as_user
        )
        require(made.returncode == 0, f"plinth token create ended with code {made.returncode}: {made.stderr[:500]}")

        def let_in():
            status, text = answer(graphql, "{ __typename }", made.stdout.strip())
            return None if status == 200 else f"/graphql answered {status or 'nothing'} to a token: {text[:200]}"

        wait_for(server, "the image's command", let_in)
        stop(server, stage.last("STOPSIGNAL").text)


def start_sample(binary: Path, scratch: Path) -> None:
    said = re.search(r"has (\d+) entities", (DEPLOY / "sample/README.md").read_text())
    require(said, "sample/README.md does not say how many entities there are")
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "HOME": str(scratch), "APP_CONFIG_backend_listen_port": str(port)}
    command = [str(binary), "serve", "--config", str(DEPLOY / "app-config.yaml"), "--data-dir", str(scratch / "data")]
    query = "{ entities(first: 1) { totalCount } catalogProblems(first: 3) { totalCount nodes { message } } }"

    def complete():
        status, text = answer(f"http://127.0.0.1:{port}/graphql", query)
        if status != 200:
            return f"/graphql answered {status or 'nothing'}: {text[:300]}"
        data = json.loads(text).get("data") or {}
        found, problems = data.get("entities"), data.get("catalogProblems")
        if not found or not problems or found["totalCount"] != int(said[1]) or problems["totalCount"]:
            return f"expected {said[1]} entities and no problem: {text[:1000]}"
        return None

    with running(command, environment, scratch / "log") as server:
        wait_for(server, "app-config.yaml", complete)
        stop(server, "SIGTERM")


def check(binary: Path, compose: dict, scratch: Path) -> None:
    file = stages((DEPLOY / "Dockerfile").read_text())
    require(len(file) == 2, "Dockerfile: expected two stages")
    build, runtime = file
    context = Context()
    built = replay_build(build, context, scratch / "build")
    image = Image(scratch / "image")
    image.root.mkdir()
    libraries_are_there(binary)
    replay_runtime(runtime, context, image, built, binary)
    url = health_url(runtime, image)
    plinth = check_compose(compose, urllib.request.urlparse(url).port)
    start_image(runtime, image, plinth, url)
    sample = scratch / "sample"
    sample.mkdir()
    start_sample(binary, sample)


def main() -> int:
    binary, compose = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        # The server may run as another user, who must get in.
        scratch.chmod(0o755)
        try:
            check(binary, compose, scratch)
        except Broken as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
