/**
 * Runs in the explorer before GraphiQL does: who runs a login (or a refresh) there is logged in in every tab, over HTTP and WebSocket. An
 * `authorization` among a tab's Headers wins. The token stays in the page's memory: a reload forgets it.
 */
export const loginScript = `<script>
(() => {
  let token;
  const send = window.fetch;
  window.fetch = async (url, init = {}) => {
    const headers = new Headers(init.headers);
    if (token && !headers.has("authorization")) headers.set("authorization", "Bearer " + token);
    const response = await send(url, { ...init, headers });
    const data = (await response.clone().json().catch(() => undefined))?.data;
    token = data?.login?.accessToken ?? data?.refreshSession?.accessToken ?? (data?.logout ? undefined : token);
    return response;
  };
  const write = WebSocket.prototype.send;
  WebSocket.prototype.send = function (text) {
    const message = token && typeof text === "string" ? JSON.parse(text) : undefined;
    const isOpening = message?.type === "connection_init" && !Object.keys(message.payload ?? {}).some((name) => /^authorization$/i.test(name));
    write.call(this, isOpening ? JSON.stringify({ ...message, payload: { ...message.payload, authorization: "Bearer " + token } }) : text);
  };
})();
</script>
`;
