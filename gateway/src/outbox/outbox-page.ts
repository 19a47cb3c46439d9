import { escapedHtml as escaped } from "@weft/shared/texts";
import type { OutboxMail } from "./outbox.js";

export const outboxStyle = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.4rem 0.8rem 0.4rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; border: 1px solid #8884; }
iframe { width: 100%; height: 36rem; border: 1px solid #8884; background: #fff; }
`;

/** A page of what a demo keeps instead of sending it elsewhere. */
export const demoPage = (title: string, body: string, head = ""): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
${head}<title>${escaped(title)} – Weft</title>
<style>${outboxStyle}</style>
<h1>${escaped(title)}</h1>
${body}
</html>
`;

/** The list of mails. It reloads itself, so that new mails appear. */
export function outboxPage(mails: readonly OutboxMail[]): string {
  const rows = mails.map(
    ({ id, writtenAt, email }) =>
      `<tr><td>${timeOf(writtenAt)}<td>${escaped(receiversOf(email))}<td><a href="/outbox/${id}">${escaped(subjectOf(email))}</a>`,
  );
  const list =
    rows.length === 0 ? "<p>There are no mails yet.</p>" : `<table>\n<tr><th>Written<th>To<th>Subject\n${rows.join("\n")}\n</table>`;
  const note = "<p>A demo sends no mails and no text messages. It keeps them here, and in the folder <code>mails</code> of its data.</p>";
  return demoPage("Outbox", `${note}\n${list}`, '<meta http-equiv="refresh" content="5">\n');
}

/** One mail: its headers, its text, and its HTML in a frame that runs no script and loads nothing. */
export function mailPage({ id, writtenAt, email }: OutboxMail): string {
  const shown = ["from", "to", "reply-to", "subject", "message-id", "list-unsubscribe"];
  const headers = email.headers
    .filter(({ key }) => shown.includes(key))
    .map(({ originalKey, value }) => `<tr><th>${escaped(originalKey)}<td>${escaped(value)}`);
  const parts = [
    `<p><a href="/outbox">All mails</a></p>`,
    `<table>\n<tr><th>Written<td>${timeOf(writtenAt)}\n${headers.join("\n")}\n</table>`,
    ...(email.html === undefined ? [] : [`<h2>HTML</h2>\n<iframe sandbox title="HTML of the mail" src="/outbox/${id}/html"></iframe>`]),
    `<h2>Text</h2>\n<pre>${linked(email.text ?? "")}</pre>`,
  ];
  return demoPage(subjectOf(email), parts.join("\n"));
}

const subjectOf = (email: OutboxMail["email"]): string => email.subject ?? "(no subject)";

const receiversOf = ({ to }: OutboxMail["email"]): string =>
  (to ?? []).map(({ address, name }) => (address === undefined || address === "" ? name : address)).join(", ");

const timeOf = (at: Date): string => `<time>${at.toISOString().slice(0, 19).replace("T", " ")} UTC</time>`;

/** Escapes a text, and makes its URLs links. */
const linked = (text: string): string =>
  text
    .split(/(https?:\/\/[^\s<>"']+)/)
    .map((part, index) => (index % 2 === 1 ? `<a href="${escaped(part)}" rel="noreferrer">${escaped(part)}</a>` : escaped(part)))
    .join("");
