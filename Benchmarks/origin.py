"""A plain origin of one page, and whether a server in front of it serves that."""
import http.client
import http.server
import threading

BODY = b"x" * 1024
PATH = "/kibibyte.txt"


class Origin(http.server.ThreadingHTTPServer):
    """The same origin for all. It counts its requests: each cache may ask once, or what was measured were no hits."""

    daemon_threads = True
    count = 0

    class RequestHandlerClass(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.server.count += 1
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Cache-Control", "max-age=86400")
            self.send_header("Content-Length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)

        def log_message(self, *_):
            """Silent: what it would say is counted above."""

    def handle_error(self, *_):
        """A server that is ended in the middle of an answer is no news here."""

    def __init__(self, port):
        super().__init__(("127.0.0.1", port), self.RequestHandlerClass)
        threading.Thread(target=self.serve_forever, daemon=True).start()


def serves(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", PATH)
        answer = connection.getresponse()
        return answer.status == 200 and answer.read() == BODY
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
