// Access tokens that a resource server must refuse, and some that it must not: refused_tokens.mjs BINARY
//
// oauth2-mock-server issues them; what it does not sign is forged here. Each wrong token is a right one but for one thing.
import { spawn } from "node:child_process";
import { createHmac, createPublicKey } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { OAuth2Server } from "oauth2-mock-server";

const HOUR = 3600;
const now = () => Math.floor(Date.now() / 1000);
const encoded = (part) => Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");

async function issuerWith(...algorithms) {
    const server = new OAuth2Server();
    for (const algorithm of algorithms) await server.issuer.keys.generate(algorithm, { kid: algorithm });
    await server.start(undefined, "127.0.0.1");
    return server;
}

// A server under test that trusts the issuer, and its address.
async function startServer(issuer) {
    const child = spawn(process.argv[2], ["--sandbox", "http", "--bind", "127.0.0.1:0", "--oauth-issuer", issuer], {
        stdio: ["ignore", "ignore", "pipe"],
    });
    const log = [];
    const address = new Promise((resolve, reject) => {
        createInterface({ input: child.stderr }).on("line", (line) => {
            log.push(line);
            const found = line.match(/Streamable HTTP at (\S+)\/mcp/);
            if (found) resolve(found[1]);
        });
        child.on("exit", () => reject(new Error(`the server ended: ${log.join("\n")}`)));
    });
    return { child, log, address: await address };
}

async function list(address, headers, path = "/mcp") {
    const message = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "list_spaces", arguments: {} } };
    const reply = await fetch(address + path, {
        method: "POST",
        headers: [["content-type", "application/json"], ["accept", "application/json, text/event-stream"], ...headers],
        body: JSON.stringify(message),
    });
    return { status: reply.status, challenge: reply.headers.get("www-authenticate") ?? "", body: await reply.text() };
}

const issuer = await issuerWith("RS256", "PS256", "ES256", "ES384", "EdDSA");
const strangers = await issuerWith("RS256");
const { child, log, address } = await startServer(issuer.issuer.url);
const bearer = (token) => [["authorization", `Bearer ${token}`]];

// A right token, but for what `change` does to it.
const token = (change = () => {}, kid = "RS256", from = issuer) =>
    from.issuer.buildToken({
        kid,
        scopesOrTransform(header, payload) {
            Object.assign(payload, { iss: issuer.issuer.url, aud: `${address}/mcp`, sub: "anna", scope: "saki:read" });
            change(payload, header);
        },
    });

// The header and the payload of a right token, with another header, and signed by whatever `sign` gives.
async function forged(header, sign) {
    const [, payload] = (await token()).split(".");
    const message = `${encoded(header)}.${payload}`;
    return `${message}.${sign(message)}`;
}

const publicKey = issuer.issuer.keys.toJSON().find((key) => key.kid === "RS256");
const pem = createPublicKey({ key: publicKey, format: "jwk" }).export({ type: "spki", format: "pem" });
const hmac = (secret) => (message) => createHmac("sha256", secret).update(message).digest("base64url");
const [header, payload, signature] = (await token()).split(".");

const accepted = {
    "by RS256": await token(),
    "by PS256": await token(undefined, "PS256"),
    "by ES256": await token(undefined, "ES256"),
    "by ES384": await token(undefined, "ES384"),
    "by EdDSA": await token(undefined, "EdDSA"),
    "for several audiences": await token((claims) => { claims.aud = ["https://other.example.com", claims.aud]; }),
    "with scp in place of scope": await token((claims) => { claims.scp = ["saki:read"]; delete claims.scope; }),
    "of type at+jwt": await token((_, header) => { header.typ = "at+jwt"; }),
};
const refused = {
    "expired": await token((claims) => { claims.exp = now() - HOUR; }),
    "without expiry": await token((claims) => { delete claims.exp; }),
    "not valid yet": await token((claims) => { claims.nbf = now() + HOUR; }),
    "for another audience": await token((claims) => { claims.aud = "https://other.example.com/mcp"; }),
    "for the host alone": await token((claims) => { claims.aud = address; }),
    "without audience": await token((claims) => { delete claims.aud; }),
    "of another issuer": await token((claims) => { claims.iss = strangers.issuer.url; }),
    "of the issuer with a slash": await token((claims) => { claims.iss += "/"; }),
    "without issuer": await token((claims) => { delete claims.iss; }),
    "without subject": await token((claims) => { delete claims.sub; }),
    "by another's key of the same id": await token(undefined, "RS256", strangers),
    "by a key that nobody knows": await token((_, header) => { header.kid = "nobody's"; }),
    "by a key of another algorithm": await token((_, header) => { header.kid = "RS256"; }, "ES256"),
    "for the login of a client (ID token)": await token((claims) => { delete claims.scope; claims.nonce = "n"; }),
    "with alg none": await forged({ alg: "none", kid: "RS256" }, () => ""),
    "with alg none and a signature": await forged({ alg: "none", kid: "RS256" }, () => signature),
    "with HS256 by the public key as PEM": await forged({ alg: "HS256", kid: "RS256" }, hmac(pem)),
    "with HS256 by the modulus": await forged({ alg: "HS256", kid: "RS256" }, hmac(publicKey.n)),
    "without signature": `${header}.${payload}.`,
    "with another payload": `${header}.${encoded({ ...JSON.parse(Buffer.from(payload, "base64url")), sub: "ben" })}.${signature}`,
    "with critical extensions": await token((_, header) => { header.crit = ["b64"]; header.b64 = true; }),
    "that is no token": "anything",
};

const results = [];
function report(what, isRight, reply) {
    results.push(isRight);
    console.log(isRight ? `ok     ${what}` : `FAILED ${what}: ${JSON.stringify(reply)}`);
}

// An address whose logins fail waits longer each time, so all are tried at once.
async function each(tokens, check) {
    const tried = Object.entries(tokens).map(async ([what, token]) => [what, await list(address, bearer(token))]);
    for (const [what, reply] of await Promise.all(tried)) check(what, reply);
}

try {
    await each(accepted, (what, reply) => report(`accepted: ${what}`, reply.status === 200, reply));

    await issuer.issuer.keys.generate("RS256", { kid: "new" });
    const renewed = await list(address, bearer(await token(undefined, "new")));
    report("accepted: by a key that the issuer has since a moment", renewed.status === 200, renewed);

    await each(refused, (what, reply) => {
        const isChallenged = reply.challenge.includes('error="invalid_token"') && reply.challenge.includes("resource_metadata=");
        report(`refused: ${what}`, reply.status === 401 && isChallenged, reply);
    });
    const inQuery = await list(address, [], `/mcp?access_token=${await token()}`);
    report("refused: in the query", inQuery.status === 400, inQuery);
    const narrow = await list(address, bearer(await token((claims) => { claims.scope = "openid"; })));
    const asksForMore = narrow.status === 403 && narrow.challenge.includes('error="insufficient_scope"');
    report("refused: without any scope of Saki", asksForMore, narrow);
    const after = await list(address, bearer(await token()));
    report("accepted: a right one after all that", after.status === 200, after);

    const seen = [...Object.values(accepted), ...Object.values(refused)].flatMap((token) => token.split("."));
    const shown = seen.filter((part) => part.length > 40 && log.some((line) => line.includes(part)));
    report("no part of a token in the log of the calls", shown.length === 0 && log.some((line) => line.includes("list_spaces")), shown);
} finally {
    child.kill();
    await once(child, "exit");
    await Promise.all([issuer.stop(), strangers.stop()]);
}
const failed = results.filter((isRight) => !isRight).length;
console.log(`refused tokens: ${results.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
