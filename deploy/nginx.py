"""`python deploy/nginx.py 8501 8502 …` prints the configuration of an nginx before web processes on these ports."""

from __future__ import annotations

import argparse
from pathlib import Path

TEMPLATE = Path(__file__).with_name("nginx.conf")
PATIENCE = "max_fails=1 fail_timeout=5s"
"""How soon a process that did not answer is tried again."""


def configuration(ports: list[int], listen: str = "80", cache: str = "/var/cache/nginx/bn-lab") -> str:
    """The configuration, for nginx's http context."""
    filled = {
        "NAMED": lines((f"{port} bn_lab_{port};" for port in ports), 4),
        "ANSWERED": lines((line for port in ports for line in named(port)), 4),
        "SERVERS": lines((f"server 127.0.0.1:{port} {PATIENCE};" for port in ports), 4),
        "UPSTREAMS": "\n".join(upstream(port, ports) for port in ports),
        "CACHE": cache,
        "LISTEN": listen,
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, value in filled.items():
        text = text.replace(f"{{{{{name}}}}}", value)
    return text


def named(port: int) -> tuple[str, str]:
    """The cookie with the name of the process that answered, for browsers that do not have it yet."""
    cookie = f"bn_lab_process={port}; Path=/; HttpOnly; SameSite=Lax"
    return f'"~^{port} .*:{port}$" "";', f'"~:{port}$" "{cookie}";'


def upstream(port: int, ports: list[int]) -> str:
    """The process on this port; the others only where it does not answer."""
    others = (f"server 127.0.0.1:{other} {PATIENCE} backup;" for other in ports if other != port)
    servers = lines([f"server 127.0.0.1:{port} {PATIENCE};", *others], 4)
    return f"upstream bn_lab_{port} {{\n    zone bn_lab_{port} 64k;\n    {servers}\n    keepalive 16;\n}}"


def lines(texts, indent: int) -> str:
    return ("\n" + " " * indent).join(texts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ports", type=int, nargs="+", help="the web processes' ports")
    parser.add_argument("--listen", default="80", help="what nginx listens on")
    parser.add_argument("--cache", default="/var/cache/nginx/bn-lab", help="the folder for kept answers")
    asked = parser.parse_args()
    print(configuration(asked.ports, asked.listen, asked.cache))


if __name__ == "__main__":
    main()
