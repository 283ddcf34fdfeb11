// An OAuth authorization server, oidc-provider, for protected resources: authorization_server.mjs PORT RESOURCE...
//
// Clients register themselves; a code needs PKCE. Each token that it issues is a line of JSON on standard output.
// Whoever logs in allows all that is asked for. Those whose name begins with "careful" allow reading alone the first
// time, and the access tokens of those whose name begins with "brief" live for two seconds.
import { Provider, errors } from "oidc-provider";

const [port, ...resources] = process.argv.slice(2);
const scopes = ["saki:read", "saki:write", "saki:publish"];
// A resource server accepts a token a minute longer, because clocks differ.
const LEEWAY = 60;
const allowedReading = new Set();
const isBrief = (token) => token.accountId.startsWith("brief");

const provider = new Provider(`http://127.0.0.1:${port}`, {
    scopes: ["openid", "offline_access", ...scopes],
    pkce: { required: () => true },
    clientDefaults: { application_type: "native" },
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
    ttl: { AccessToken: (_, token) => (isBrief(token) ? 2 : 600) },
    features: {
        devInteractions: { enabled: true },
        registration: { enabled: true },
        resourceIndicators: {
            enabled: true,
            getResourceServerInfo(_, asked) {
                if (!resources.includes(asked)) throw new errors.InvalidTarget();
                return { scope: scopes.join(" "), audience: asked, accessTokenFormat: "jwt" };
            },
        },
    },
    formats: {
        customizers: {
            jwt(_, token, jwt) {
                if (isBrief(token)) jwt.payload.exp -= LEEWAY;
                return jwt;
            },
        },
    },
    async loadExistingGrant({ oidc: { client, params, result, session } }) {
        const { accountId } = session;
        if (accountId.startsWith("careful") && !allowedReading.has(client.clientId)) {
            allowedReading.add(client.clientId);
            const grant = new provider.Grant({ clientId: client.clientId, accountId });
            grant.addOIDCScope("openid offline_access");
            grant.addResourceScope(params.resource, "saki:read");
            grant.rejectResourceScope(params.resource, "saki:write saki:publish");
            await grant.save();
            return grant;
        }
        const grant = result?.consent?.grantId ?? session.grantIdFor(client.clientId);
        return grant && provider.Grant.find(grant);
    },
});

provider.on("grant.success", ({ oidc, body }) => {
    const { accountId } = oidc.entities.Account;
    console.log(JSON.stringify({ person: accountId, grant: oidc.params.grant_type, scope: body.scope }));
});
provider.listen(Number(port), "127.0.0.1", () => console.error(`listening on http://127.0.0.1:${port}`));
