import { graphqlPath } from "../http/graphql-route.js";
import { vendorPortalPath } from "../variants/paths.js";
import { inScript } from "./in-script.js";
import { storedSessionScript } from "./stored-session.js";

const refresh =
  "mutation Refresh($refreshToken: String!) { refreshSession(input: { refreshToken: $refreshToken }) { accessToken accessTokenExpiresAt refreshToken } }";
/** The operation that the script sends by itself. */
export const explorerOperations: readonly string[] = [refresh];

/**
 * Runs in the explorer before GraphiQL starts. A login there or on the landing page applies to every tab, over HTTP and WebSocket, and survives a
 * reload. An `authorization` header set in a tab takes precedence. An access token that is about to expire is refreshed first. A refresh token can be
 * used only once, so concurrent requests that need a new access token wait for the same refresh.
 *
 * GraphiQL finds out the name of the operation some time after the text has changed. A user who runs it before that would send the name of an operation
 * that the text no longer has, so it is omitted.
 */
export const loginScript = `<script>
(() => {${storedSessionScript}
  const send = window.fetch;
  let refreshing;
  const keep = (data) => {
    const found = data?.login ?? data?.completeLogin ?? data?.registerOrganization ?? data?.acceptInvitation ?? data?.refreshSession;
    if (found?.accessToken) {
      const { accessToken, accessTokenExpiresAt, refreshToken, user } = found;
      const before = data.refreshSession ? storedSession() : undefined;
      storeSession({ ...before, accessToken, accessTokenExpiresAt, refreshToken, name: user?.name ?? before?.name });
    } else if (data?.logout) storeSession();
    else return;
    show();
  };
  const refresh = async ({ refreshToken }) => {
    const query = ${inScript(refresh)};
    const body = JSON.stringify({ query, variables: { refreshToken } });
    const response = await send("/graphql", { method: "POST", headers: { "content-type": "application/json" }, body });
    const { data, errors } = await response.json();
    if (data?.refreshSession) keep(data);
    else if (errors?.some(({ extensions }) => extensions?.code === "UNAUTHENTICATED")) { storeSession(); show(); }
  };
  const isEnding = (session) => session?.refreshToken && Date.parse(session.accessTokenExpiresAt) - Date.now() < 30_000;
  const token = async () => {
    const session = storedSession();
    // If the refresh fails, the old token is sent, and the server reports the error.
    if (isEnding(session)) await renew(session);
    return storedSession()?.accessToken;
  };
  const renew = (session) => (refreshing ??= refresh(session).catch(() => undefined).finally(() => (refreshing = undefined)));
  const isRefused = (answer) => answer?.errors?.some(({ extensions }) => extensions?.code === "UNAUTHENTICATED");
  const namesIn = (text) => [...String(text).matchAll(/\\b(?:query|mutation|subscription)\\s+(\\w+)/g)].map(([, name]) => name);
  const withoutFormerName = (operation) => {
    const { operationName, ...others } = operation ?? {};
    return !operationName || namesIn(others.query).includes(operationName) ? operation : others;
  };
  const corrected = (init) => {
    try {
      const operation = JSON.parse(init.body);
      const sent = withoutFormerName(operation);
      return sent === operation ? init : { ...init, body: JSON.stringify(sent) };
    } catch {
      return init;
    }
  };
  window.fetch = async (url, given = {}) => {
    const headers = new Headers(given.headers);
    if (!${inScript([graphqlPath, vendorPortalPath])}.includes(new URL(url, location.href).pathname)) return send(url, given);
    const init = corrected(given);
    const current = headers.has("authorization") || /mutation\\s+Login\\b/.test(String(init.body)) ? undefined : await token();
    if (current) headers.set("authorization", "Bearer " + current);
    let response = await send(url, { ...init, headers });
    let answer = await response.clone().json().catch(() => undefined);
    const session = storedSession();
    if (current && isRefused(answer) && session?.refreshToken) {
      // The server does not recognize the token, for example because its data was reset. Try a new token; if that fails, nobody is logged in.
      if (session.accessToken === current) await renew(session);
      const renewed = storedSession()?.accessToken;
      if (renewed && renewed !== current) {
        headers.set("authorization", "Bearer " + renewed);
        response = await send(url, { ...init, headers });
        answer = await response.clone().json().catch(() => undefined);
      }
    }
    keep(answer?.data);
    dispatchEvent(new CustomEvent("weft:answer", { detail: answer?.data }));
    return response;
  };
  const write = WebSocket.prototype.send;
  WebSocket.prototype.send = function (text) {
    const message = typeof text === "string" ? JSON.parse(text) : undefined;
    const isOpening = message?.type === "connection_init" && !Object.keys(message.payload ?? {}).some((name) => /^authorization$/i.test(name));
    if (message?.type === "subscribe") {
      const payload = withoutFormerName(message.payload);
      return write.call(this, payload === message.payload ? text : JSON.stringify({ ...message, payload }));
    }
    if (!isOpening) return write.call(this, text);
    void token().then((current) => {
      if (this.readyState !== WebSocket.OPEN) return;
      write.call(this, current ? JSON.stringify({ ...message, payload: { ...message.payload, authorization: "Bearer " + current } }) : text);
    });
  };
  const show = () => {
    const place = document.getElementById("weft-user");
    if (!place) return;
    const session = storedSession();
    place.textContent = session ? "Signed in" + (session.name ? " as " + session.name : "") : "Not signed in";
    document.getElementById("weft-logins").textContent = session ? "Switch user" : "Sign in";
  };
  document.addEventListener("DOMContentLoaded", show);
})();
</script>
`;
