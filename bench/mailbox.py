"""A mail server that says yes and keeps nothing: `python -m bench.mailbox PORT`."""

import asyncio
import sys

ANSWERS = {b"EHLO": b"250 bench", b"HELO": b"250 bench", b"QUIT": b"221 bye", b"DATA": b"354 go"}


async def _conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 bench\r\n")
    while line := await reader.readline():
        verb = line[:4].upper()
        writer.write(ANSWERS.get(verb, b"250 ok") + b"\r\n")
        if verb == b"DATA":
            while (await reader.readline()) not in (b".\r\n", b""):
                pass
            writer.write(b"250 ok\r\n")
        if verb == b"QUIT":
            break
    writer.close()


async def _serve(port: int) -> None:
    server = await asyncio.start_server(_conversation, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
