import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Email } from "postal-mime";

/** Mails that the list shows. */
const SHOWN = 100;

const mailFile = /^([0-9a-f-]{36})\.eml$/;

/** A mail that a demo wrote to a file instead of sending it. */
export interface OutboxMail {
  readonly id: string;
  readonly writtenAt: Date;
  readonly email: Email;
}

/** Reads the newest mails of a folder, newest first. */
export async function readOutbox(folder: string): Promise<OutboxMail[]> {
  const names = await readdir(folder).catch(() => []);
  const ids = names.flatMap((name) => mailFile.exec(name)?.[1] ?? []);
  const written = await Promise.all(ids.map(async (id) => ({ id, at: (await stat(fileOf(folder, id))).mtimeMs })));
  const newest = written.toSorted((a, b) => b.at - a.at).slice(0, SHOWN);
  const mails = await Promise.all(newest.map(({ id }) => readMail(folder, id)));
  return mails.filter((mail) => mail !== null);
}

/** Reads one mail. Returns null if the folder has no mail of that ID. */
export async function readMail(folder: string, id: string): Promise<OutboxMail | null> {
  if (!mailFile.test(`${id}.eml`)) return null;
  const file = fileOf(folder, id);
  try {
    const [{ mtime }, source] = await Promise.all([stat(file), readFile(file)]);
    const { default: PostalMime } = await import("postal-mime");
    return { id, writtenAt: mtime, email: await PostalMime.parse(source) };
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return null;
    throw error;
  }
}

const fileOf = (folder: string, id: string): string => join(folder, `${id}.eml`);
