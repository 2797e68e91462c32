"""The example campaign, run by `hq up` on a copy in the scratch folder, as its team would run it."""
import http.client
import json
import os
import shutil
import signal
import subprocess

from processes import until

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../examples/for-america")
HOST = "www.foramerica.example"


class Campaign:
    def __init__(self, hq, stage, name):
        self.hq, self.stage, self.name = hq, stage, name
        self.folder = stage.path(name)
        shutil.copytree(EXAMPLE, self.folder)
        self.edge, self.control, self.fastly_api, self.origin = (stage.free_port() for _ in range(4))
        self.process = None

    def start(self):
        addresses = [("--edge", self.edge), ("--control", self.control), ("--fastly-api", self.fastly_api),
                     ("--origin", self.origin)]
        self.process = self.stage.start(self.name, [
            self.hq, "up", "--dir", self.folder,
            *(word for option, port in addresses for word in (option, f"127.0.0.1:{port}"))])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(20) != 0:
            raise RuntimeError(f"hq up ended with status {self.process.returncode}:\n{self.stage.log(self.name)}")

    def serves(self):
        """Whether the main site answers 200 through the edge, on a new connection as a visitor's would be."""
        if self.process.poll() is not None:
            raise RuntimeError(f"hq up ended:\n{self.stage.log(self.name)}")
        connection = http.client.HTTPConnection("127.0.0.1", self.edge, timeout=5)
        try:
            connection.request("GET", "/", headers={"Host": HOST})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def wait(self):
        until(self.serves, "the campaign's first page")

    def door(self):
        """A kept-alive connection to the control plane, and the headers that its commands need."""
        with open(os.path.join(self.folder, ".hq/access.json")) as file:
            token = json.load(file)["token"]
        return http.client.HTTPConnection("127.0.0.1", self.control, timeout=10), {"Authorization": f"Bearer {token}"}

    def terminal(self, *argv):
        """Starts a command as somebody at a terminal would."""
        return subprocess.Popen([self.hq, *argv, "--dir", self.folder], stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
