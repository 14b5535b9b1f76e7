"""A client that reads the frames behind GOAWAY, and knows that GOAWAY may name no stream: a good one, for once.

h2 refuses every frame of a connection that has received GOAWAY, and drops what it read together with that frame. The
client takes a last stream of 0 for none.
"""

from h2.connection import ConnectionInputs, ConnectionState, H2Connection, H2ConnectionStateMachine

ALSO = (
    ConnectionInputs.RECV_HEADERS,
    ConnectionInputs.RECV_DATA,
    ConnectionInputs.RECV_WINDOW_UPDATE,
    ConnectionInputs.RECV_PING,
    ConnectionInputs.SEND_PING,
    ConnectionInputs.RECV_SETTINGS,
    ConnectionInputs.SEND_SETTINGS,
)
received = H2Connection._receive_goaway_frame


def receive_goaway(connection, frame):
    frames, events = received(connection, frame)
    for event in events:
        event.last_stream_id = event.last_stream_id or -1
    return frames, events


for action in ALSO:
    H2ConnectionStateMachine._transitions[ConnectionState.CLOSED, action] = (None, ConnectionState.CLOSED)
H2Connection._receive_goaway_frame = receive_goaway
