import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MailRefused } from "@weft/shared";
import type { Config, Logger, MailTransport } from "@weft/shared";

/**
 * Writes each email to a file instead of sending it, so that a demo needs no mail server. The text is not encoded (RFC 6532), so links can be copied
 * from the file as well as from an email program. Only the owner can read the files, because they contain tokens.
 */
export function fileTransport({ dataDir, mail: { from } }: Pick<Config, "dataDir" | "mail">, log: Pick<Logger, "info">): MailTransport {
  const folder = join(dataDir, "mails");
  return {
    send: async ({ id, to, subject, text }) => {
      const file = join(folder, `${id}.eml`);
      const headers = [
        `From: ${from}`,
        `To: ${to}`,
        `Subject: ${subject}`,
        `Date: ${new Date().toUTCString()}`,
        `Message-ID: <${id}@weft>`,
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
      ];
      if (headers.some((header) => /[\r\n]/.test(header))) throw new MailRefused("mail", "A header contains a line break.");
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(file, `${headers.join("\r\n")}\r\n\r\n${text}\n`, { mode: 0o600 });
      log.info({ file }, "mail written to a file because SMTP_URL is not set");
    },
    close: () => undefined,
  };
}
