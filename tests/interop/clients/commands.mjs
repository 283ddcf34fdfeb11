// Serves a client to the tests: each command is a line of JSON on standard input, and so is its answer on standard output.
import { execFileSync } from "node:child_process";
import { createInterface } from "node:readline";

const target = JSON.parse(process.argv[2]);

function say(message) {
    process.stdout.write(JSON.stringify(message) + "\n");
}

// What a client of the SDK needs for OAuth, kept in memory.
class Provider {
    redirectUrl = "http://127.0.0.1:1/callback";
    clientMetadata = {
        client_name: "test",
        redirect_uris: [this.redirectUrl],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: "none",
        application_type: "native",
    };
    clientInformation = () => this.registration;
    saveClientInformation = (registration) => { this.registration = registration; };
    tokens = () => this.kept;
    saveTokens = (tokens) => { this.kept = tokens; };
    codeVerifier = () => this.verifier;
    saveCodeVerifier = (verifier) => { this.verifier = verifier; };
    redirectToAuthorization = (address) => { this.address = String(address); };
}

export async function serve({ Client, Stdio, Http, Sse, UnauthorizedError, options, call, finishAuth }) {
    const authProvider = target.login ? new Provider() : undefined;
    let client, transport;

    async function connect() {
        const how = { requestInit: { headers: target.headers }, authProvider };
        if (target.command) {
            const [command, ...args] = target.command;
            transport = new Stdio({ command, args, env: target.environment, stderr: "ignore" });
        } else {
            transport = new (target.transport === "/sse" ? Sse : Http)(new URL(target.url), how);
        }
        client = new Client({ name: "test", version: "1" }, options(target.era));
        await client.connect(transport);
    }

    // The SDK leaves it to its host to show the login, and to try again.
    async function withLogin(action) {
        try {
            return await action();
        } catch (error) {
            if (!(error instanceof UnauthorizedError)) throw error;
            const callback = execFileSync(process.env.BROWSER, [authProvider.address, "--print"], { encoding: "utf8" });
            await finishAuth(transport, new URL(callback.trim()).searchParams);
            return await action();
        }
    }

    async function answer(command) {
        if (command.do === "list") {
            return { tools: (await client.listTools()).tools.map((tool) => tool.name) };
        }
        const progress = [];
        const abort = new AbortController();
        const how = { onprogress: (step) => progress.push(step.progress), signal: abort.signal };
        if (command.cancel_after) {
            setTimeout(() => abort.abort("no longer needed"), command.cancel_after * 1000);
        }
        try {
            const request = { name: command.tool, arguments: command.arguments };
            const result = await withLogin(() => call(client, request, how));
            return {
                failed: result.isError ?? false,
                content: result.structuredContent,
                text: result.content[0].text,
                progress,
            };
        } catch (error) {
            if (abort.signal.aborted) return { cancelled: true };
            throw error;
        }
    }

    const told = (error) => ({ error: `${error.name}: ${error.message}` });
    try {
        await withLogin(connect);
        say({ version: transport.protocolVersion ?? client.getNegotiatedProtocolVersion?.() ?? "" });
        for await (const line of createInterface({ input: process.stdin })) {
            say(await answer(JSON.parse(line)).catch(told));
        }
        await client.close();
    } catch (error) {
        say(told(error));
    }
    process.exit();
}
