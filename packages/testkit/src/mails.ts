import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A mail that a Weft in demo mode wrote into a file. */
export interface WrittenMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The one-time token of its link; empty when there is none. */
  readonly token: string;
}

/** The mails in a folder of data to an address, oldest first. */
export async function readMails(dataDir: string, address: string): Promise<WrittenMail[]> {
  const folder = join(dataDir, "mails");
  const names = await readdir(folder).catch(() => []);
  const mails = await Promise.all(
    names.toSorted((a, b) => (a < b ? -1 : 1)).map(async (name) => parseMail(await readFile(join(folder, name), "utf8"))),
  );
  return mails.filter(({ to }) => to.toLowerCase() === address.toLowerCase());
}

function parseMail(content: string): WrittenMail {
  const end = content.indexOf("\r\n\r\n");
  const header = (name: string): string => new RegExp(`^${name}: (.*)$`, "m").exec(content.slice(0, end))?.[1]?.trim() ?? "";
  const text = content.slice(end + 4);
  return { to: header("To"), subject: header("Subject"), text, token: /#token=(\S+)/.exec(text)?.[1] ?? "" };
}
