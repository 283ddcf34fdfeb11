"""A connection to Saki that can carry a create out late: after its client gave up or was killed."""

import socket
import threading
import time

CREATE = b"POST /api/spaces/1/posts "


class LateDelivery(threading.Thread):
    """Passes on what replicas and Saki say, at a port of its own."""

    def __init__(self, saki_port):
        super().__init__(daemon=True)
        self.saki_port, self.listener = saki_port, socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        # For each of the next creates: how many seconds it is under way.
        self.delays = []
        self.lock, self.under_way = threading.Lock(), 0
        self.start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.connect, args=(client,), daemon=True).start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def forget(self):
        with self.lock:
            self.delays.clear()

    def connect(self, client):
        try:
            saki = socket.create_connection(("127.0.0.1", self.saki_port), 5)
        except OSError:
            client.close()
            return
        saki.settimeout(None)
        answered = threading.Event()
        threading.Thread(target=self.answers, args=(saki, client, answered), daemon=True).start()
        try:
            # A client sends its next request when it has the answer, so a request begins what is read at once.
            while said := client.recv(65536):
                delay = self.next_delay() if said.startswith(CREATE) else None
                if delay:
                    self.late(delay, said, saki, answered)
                else:
                    saki.sendall(said)
        except OSError:
            pass
        close(saki)
        close(client)

    def next_delay(self):
        with self.lock:
            delay = self.delays.pop(0) if self.delays else None
            self.under_way += bool(delay)
        return delay

    def late(self, delay, said, saki, answered):
        try:
            time.sleep(delay)
            answered.clear()
            saki.sendall(said)
            # Saki drops a request whose client goes away, so this one stays.
            answered.wait(20)
        finally:
            with self.lock:
                self.under_way -= 1

    def answers(self, saki, client, answered):
        try:
            while said := saki.recv(65536):
                answered.set()
                client.sendall(said)
        except OSError:
            pass
        answered.set()
        close(client)
        close(saki)


def close(connection):
    try:
        # Wakes the other thread that reads from it.
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()
