import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MailConfig } from "@weft/platform/config";
import type { Logger } from "@weft/platform/logging";
import { MailRefused, type MailTransport } from "@weft/platform/mail";

const plain = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"];
const markup = ["Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: 8bit"];

/**
 * Writes each email to a file instead of sending it, so that a demo needs no mail server. The text is not encoded (RFC 6532), so links can be copied
 * from the file as well as from an email program. Only the owner can read the files, because they contain tokens.
 */
export function fileTransport(folder: string, { from }: Pick<MailConfig, "from">, log: Pick<Logger, "info">): MailTransport {
  return {
    send: async ({ id, to, subject, text, html, headers: more = {} }) => {
      const file = join(folder, `${id}.eml`);
      const headers = [
        `From: ${from}`,
        `To: ${to}`,
        `Subject: ${subject}`,
        `Date: ${new Date().toUTCString()}`,
        `Message-ID: <${id}@weft>`,
        ...Object.entries(more).map(([name, value]) => `${name}: ${value}`),
        "MIME-Version: 1.0",
        ...(html === undefined ? plain : [`Content-Type: multipart/alternative; boundary="${id}"`]),
      ];
      if (headers.some((header) => /[\r\n]/.test(header))) throw new MailRefused("mail", "A header contains a line break.");
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const part = (partHeaders: readonly string[], content: string) => `--${id}\r\n${partHeaders.join("\r\n")}\r\n\r\n${content}\r\n`;
      const body = html === undefined ? `${text}\n` : `${part(plain, text)}${part(markup, html)}--${id}--\r\n`;
      await writeFile(file, `${headers.join("\r\n")}\r\n\r\n${body}`, { mode: 0o600 });
      log.info({ file }, "mail written to a file because SMTP_URL is not set");
    },
    close: () => undefined,
  };
}
