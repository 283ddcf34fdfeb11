"""Serves a client to the tests: each command is a line of JSON on standard input, and so is its answer on standard output."""

import asyncio
import json
import os
import sys
import urllib.parse

TARGET = json.loads(sys.argv[1])


async def answer(client, command):
    if command["do"] == "list":
        return {"tools": await client.tools()}
    progress = []

    async def on_progress(done, *_):
        progress.append(done)

    call = client.call(command["tool"], command["arguments"], on_progress)
    try:
        result = await asyncio.wait_for(call, command.get("cancel_after"))
    except TimeoutError:
        return {"cancelled": True}
    return {
        "failed": bool(result.is_error),
        "content": result.structured_content,
        "text": result.content[0].text,
        "progress": progress,
    }


def told(error):
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return {"error": f"{type(error).__name__}: {error}"}


def say(message):
    print(json.dumps(message), flush=True)


async def serve(connected):
    try:
        async with connected(TARGET) as client:
            say({"version": client.version()})
            while line := await asyncio.to_thread(sys.stdin.readline):
                try:
                    said = await answer(client, json.loads(line))
                except Exception as error:
                    said = told(error)
                say(said)
    except BaseException as error:
        say(told(error))


async def log_in(address):
    """Logs in with the browser of the test, and returns what the callback is told."""
    command = [os.environ["BROWSER"], address, "--print"]
    browser = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    callback, _ = await browser.communicate()
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(callback.decode().strip()).query))
