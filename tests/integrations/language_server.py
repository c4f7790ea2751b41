"""A small client of a language server: enough of its protocol to open files and hear what is said of them."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any


class LanguageServer:
    """A language server on pipes; `settings` is what it is told when it asks for its configuration."""

    def __init__(self, command: list[str], settings: dict[str, Any]) -> None:
        self.settings = settings
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.count = 0
        self.request("initialize", {"processId": None, "rootUri": None, "capabilities": CAPABILITIES})
        self.notify("initialized", {})
        self.notify("workspace/didChangeConfiguration", {"settings": settings})

    def __enter__(self) -> "LanguageServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def opened(self, path: Path) -> list[dict[str, Any]]:
        """The diagnostics of a file."""
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": path.read_text()}
        self.notify("textDocument/didOpen", {"textDocument": document})
        told = self.until(
            lambda message: (
                message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == path.as_uri()
            )
        )
        found: list[dict[str, Any]] = told["params"]["diagnostics"]
        return found

    def at(self, method: str, path: Path, line: int, character: int) -> Any:
        """What a request about a place in a file answers."""
        place = {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": character}}
        return self.request(method, place)

    def request(self, method: str, params: Any) -> Any:
        """The answer to a request."""
        self.count += 1
        number = self.count
        self.send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return self.until(lambda message: message.get("id") == number and "method" not in message).get("result")

    def notify(self, method: str, params: Any) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next message of a kind; what the server asks meanwhile is answered."""
        while True:
            message = self.receive()
            if wanted(message):
                return message
            if "id" in message and "method" in message:
                asked = message["params"]["items"] if message["method"] == "workspace/configuration" else []
                result = [self.settings.get(item.get("section", "")) for item in asked]
                self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while line := self.process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        assert length, "the server has ended"
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return message


CAPABILITIES = {
    "workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}},
    "textDocument": {"publishDiagnostics": {}, "hover": {"contentFormat": ["markdown"]}, "completion": {}},
}
