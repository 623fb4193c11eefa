#!/usr/bin/env python3
"""tls_front.py CERTIFICATE KEY PORT ADDRESS...: takes TLS on PORT of each ADDRESS and hands what comes on to
the same port of 127.0.0.1, until it is ended."""

import asyncio
import contextlib
import ssl
import sys


async def pump(reader, writer):
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def main(certificate, key, port, *addresses):
    async def join(reader, writer):
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, behind_writer), pump(behind_reader, writer))

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(join, addresses, port, ssl=context)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
