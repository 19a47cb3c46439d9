import { escapedHtml as escaped } from "@weft/shared/texts";
import { demoPage } from "../outbox/outbox-page.js";

/** A request that the demo's receiver got. */
export interface ReceivedWebhook {
  readonly receivedAt: Date;
  /** Header `webhook-id`. */
  readonly id: string;
  /** Whether the signature is valid, and recent. */
  readonly isVerified: boolean;
  readonly body: string;
}

/** The list of requests, newest first. It reloads itself, so that new ones appear. */
export function receiverPage(requests: readonly ReceivedWebhook[]): string {
  const rows = requests.map(
    ({ receivedAt, id, isVerified, body }) =>
      `<tr><td><time>${receivedAt.toISOString().slice(0, 19).replace("T", " ")} UTC</time><td>${isVerified ? "Verified" : "Refused"}<td>${escaped(id)}<td><pre>${escaped(shown(body))}</pre>`,
  );
  const list =
    rows.length === 0
      ? "<p>Nothing was received yet. Change something at Acme, for example with <code>npx --yes pnpm demo</code>.</p>"
      : `<table>\n<tr><th>Received<th>Signature<th><code>webhook-id</code><th>Body\n${rows.join("\n")}\n</table>`;
  const note =
    "<p>A webhook of Acme sends its events to this demo. The receiver verifies the signature of each request as Standard Webhooks describes.</p>";
  return demoPage("Receiver", `${note}\n${list}`, '<meta http-equiv="refresh" content="5">\n');
}

/** Returns JSON with indentation, and other text as it is. */
function shown(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
