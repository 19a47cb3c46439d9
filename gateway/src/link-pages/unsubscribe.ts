import type { FastifyInstance } from "fastify";
import type { Page } from "./page.js";
import { servePage } from "./page.js";

const path = "/notifications/unsubscribe";
/** The body of a one-click request is `List-Unsubscribe=One-Click`. */
const longestBody = 1_000;
const mutation = "mutation Unsubscribe($token: String!) { unsubscribeFromNotifications(input: { token: $token }) { kinds } }";
/** The operations that the page sends. */
export const unsubscribeOperations: readonly string[] = [mutation];

/** Reads the token from the query, because mail programs call the same URL. A user must press the button, so programs that open links stop no emails. */
const script = `
const token = new URLSearchParams(location.search).get("token") ?? "";
history.replaceState(null, "", location.pathname);
const form = document.querySelector("form");
const said = document.querySelector("output");
if (token === "") { form.hidden = true; said.textContent = "Open the complete link from the email."; }
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const body = JSON.stringify({ query: form.dataset.mutation, variables: { token } });
    const response = await fetch("/graphql", { method: "POST", headers: { "content-type": "application/json" }, body });
    const { data, errors } = await response.json();
    form.hidden = Boolean(data?.unsubscribeFromNotifications);
    said.textContent = form.hidden ? form.dataset.done : errors.map(({ message }) => message).join(" ");
  } catch {
    said.textContent = "Weft cannot be reached. Try again in a moment.";
  }
});
`;

const page: Page = {
  title: "Stop these emails",
  body: `<p>Press the button to no longer get emails of this kind. You still see the notifications in Weft.</p>
<form data-mutation="${mutation}" data-done="Done. You can change this in your notification preferences.">
<p><button>Stop these emails</button></p>
</form>
<p><output></output></p>`,
  script,
};

/**
 * The link to unsubscribe in emails: a page for people, and one-click unsubscription for mail programs (RFC 8058). Both call the mutation, with its limits
 * for requests without a login.
 */
export function unsubscribeRoutes(app: FastifyInstance): void {
  servePage(app, path, page);
  void app.register(async (routes) => {
    // Nothing in the body matters: the token in the URL is the proof, and the request changes nothing else.
    routes.removeAllContentTypeParsers();
    routes.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: longestBody }, (_request, _body, done) => done(null, null));
    routes.post<{ Querystring: { token?: unknown } }>(path, async ({ query, headers, ip }, reply) => {
      const token = typeof query.token === "string" ? query.token : "";
      const answer = await app.inject({
        method: "POST",
        url: "/graphql",
        remoteAddress: ip,
        headers: { host: headers.host ?? "", "content-type": "application/json" },
        payload: JSON.stringify({ query: mutation, variables: { token } }),
      });
      const isDone =
        answer.statusCode === 200 &&
        answer.json<{ data?: { unsubscribeFromNotifications?: unknown } }>().data?.unsubscribeFromNotifications;
      const retryAfter = answer.headers["retry-after"];
      if (retryAfter !== undefined) void reply.header("retry-after", retryAfter);
      return reply
        .code(isDone ? 200 : answer.statusCode === 429 ? 429 : 400)
        .header("content-type", "text/plain; charset=utf-8")
        .header("cache-control", "no-store")
        .send(isDone ? "Done.\n" : "This link is not valid. Log in to change your notifications.\n");
    });
  });
}
